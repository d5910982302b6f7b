// The C++ half of one element instance: its link to the isolate that made it, its properties, its life cycle, and
// the one way in which its threads ask JS. The verbs (source, transform, …) derive from it.
#pragma once

#include <gst/gst.h>
#include <gst/video/video.h>

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "call.h"
#include "env.h"
#include "epoch.h"
#include "gate.h"
#include "jsside.h"
#include "latency.h"
#include "pool.h"
#include "serial.h"
#include "spec.h"
#include "spin.h"

namespace talk {

// What the author's `fail` or a thrown error becomes on the bus. Domains and codes: src/element/error.ts.
struct Failure {
  std::string domain, code, message, debug;
  GstStructure* details = nullptr;  // more facts; taken over
  bool retryable = false;
};

class Element {
 public:
  Element(GstElement* gst, const TypeSpec& spec);
  virtual ~Element();
  Element(const Element&) = delete;

  // The C++ half of an instance of one of our types.
  static Element* of(gpointer instance);
  // The same for any GObject; null when it is not one of ours.
  static Element* of_any(gpointer instance);

  GstElement* gst() const { return gst_; }
  const TypeSpec& spec() const { return spec_; }
  const std::shared_ptr<Env>& env() const { return env_; }
  const std::shared_ptr<Peer>& peer() const { return peer_; }
  uint32_t id() const { return id_; }
  bool has(Method method) const { return (spec_.methods & method) != 0; }

  // --- asking JS (ask.cc) ---
  // Asks and waits; takes over the caller's reference to `call` unless `keep`. Data calls give up when the element
  // is flushing, control calls (start, stop, build) at their deadline, which is an element error.
  Outcome ask(Call* call, bool data, bool keep = false);
  // Waits on for an answer that `ask` has left pending, which it does only when `wanted` says so.
  Outcome wait_on(Call* call) { return wait(call, true); }
  // Waits no more for an answer that is pending: it is dropped when it comes.
  Outcome give_up(Call* call);
  // Asks without waiting; the answer is announced on cond_. False when there is nobody to ask.
  bool post(Call* call);
  // Tells JS something without waiting. `structure` is taken over.
  void tell(Op op, std::string text = {}, double number = 0, GstStructure* structure = nullptr);
  // Adds to the answer, unless nobody waits for it any more. JS thread.
  void given(Call* call, Item&& item);
  // Lets a waiting thread go on with this answer; false when none waits any more. JS thread.
  bool settled(Call* call, Outcome outcome);
  void set_flushing(bool flushing);
  bool flushing();
  // Ends every wait of this element's threads: the isolate is going.
  virtual void env_closed();
  static void set_deadline(int milliseconds);  // of control calls, for tests
  // The `start` that is under way may take this much longer from now on. Any thread.
  void extend_start(int milliseconds);
  // Whether to wait for a `start`, one under way included: not while a stop of the pipeline is. Any thread.
  void may_start(bool may);

  // --- trouble ---
  // Posts an error, once: the element refuses data until NULL. Any thread.
  void fail(Failure failure);
  // Fails because what follows takes other caps.
  void refused(const GstCaps* wanted, const GstCaps* offered);
  void warn(const std::string& message);
  bool failed() const { return failed_.load(std::memory_order_acquire); }

  // --- properties (any thread) ---
  void set_property(guint index, const GValue* value, GParamSpec* pspec);
  void get_property(guint index, GValue* value);
  void set_from_js(guint index, const GValue* value);
  int find_property(const char* name) const;
  bool bool_property(const char* name, bool otherwise);
  // Those of the stock element that is wrapped.
  virtual void set_lent(GParamSpec*, const GValue*) {}
  virtual void get_lent(GParamSpec*, GValue*) {}

  // --- life cycle (state change thread) ---
  GstStateChangeReturn change_state(GstStateChange transition, GstElementClass* parent);

  // --- events (events.cc) ---
  // What every verb does with an event at a sink pad. True: it was used up (and unreffed).
  bool on_sink_event(GstPad* pad, GstEvent* event, Epoch& epoch, bool ask_js);
  // The same for an upstream event at a src pad; never uses it up.
  void on_src_event(GstPad* pad, GstEvent* event);
  // Sends an event made by JS, without waiting.
  virtual void send(GstEvent* event, const std::string& pad);

  // --- data ---
  // A frame or event that JS gives outside of a call (queue-fed source, pipe). False: there is no room for more.
  virtual bool emit(Item&&, uint32_t /*generation*/) { return true; }
  // Asks the author's `setup`, and remembers the layout when it is video. False when that failed.
  virtual bool setup(GstPad* pad, GstCaps* caps);
  std::shared_ptr<const GstVideoInfo> video();  // of the sink pad; null when it is not raw video
  void remember_video(GstCaps* caps);
  // What the author adds; the pipeline is told to ask again. JS thread.
  virtual void set_latency(GstClockTime min, GstClockTime max);
  // Caps the author wants on the src pad; null when nothing was said. JS thread / any thread.
  virtual void set_output_caps(GstCaps* caps);
  GstCaps* output_caps();
  GstPad* pad(const char* name);  // reffed, null when missing
  // A name for a request pad: `wanted` itself, or with the next free number for its `%u`. Empty when it is taken.
  std::string free_name(const std::string& wanted, std::atomic<guint>* serial);
  // Running time of a time in the segment of `pad`; NONE outside of it.
  static GstClockTime running_time(const GstSegment& segment, GstClockTime pts);
  // Waits with a buffer until the last moment that still meets the sink behind `src`; not at all when not live.
  Gate::Wake hold(GstPad* src, const GstSegment& segment, GstClockTime pts, uint64_t cuts_seen);

  Epoch epoch;  // of the sink pad, for verbs that have one
  Latency latency;
  Gate gate;
  Pool pool;
  std::atomic<bool> js_made{false};  // the author's object exists
  std::atomic<bool> attends{false};  // the author wants to see every piece, not the stale ones alone

 protected:
  // What a verb adds to the life cycle.
  virtual bool open();               // NULL->READY
  virtual bool built() const { return false; }  // open() made what has to be stopped, started or not
  virtual void close() {}            // READY->NULL, afterwards
  virtual bool before_start() { return true; }  // READY->PAUSED, before JS's start and before data flows
  virtual void unblock() {}          // flushing is set: wake own waiters
  // True when GStreamer needs the thread that waits for this data call, which stays open. With the lock held.
  virtual bool wanted(const Call&) const { return false; }
  // True when it needs that thread and the call cannot stay open: it ends as with a flush. With the lock held.
  virtual bool yields(const Call&) const { return false; }
  virtual void invalidate() {}       // a cut has arrived: let go of queued old data, refuse what JS makes of it
  virtual void restarted() {}        // afterwards, when JS has been told
  virtual void after_stop() {}       // PAUSED->READY, when no thread of ours runs any more
  // Looks for a posted data call's answer for some us, where that pays; true when it is there. No lock is held.
  bool look_for_answer(const Call* call);
  // Notes how long JS took, and that this thread goes on now.
  void learn(const Call& call);
  // True when old data is dropped as soon as a cut arrives.
  bool drops_old() const { return !spec_.manual_epoch; }

  std::mutex mutex_;
  std::condition_variable cond_;
  bool flushing_ = true;
  bool held_live_ = false;  // the last `hold` really waited, because the stream is live

 private:
  Outcome wait(Call* call, bool data);
  Outcome sleep(Call* call, bool data);
  bool control(Op op);

  GstElement* const gst_;
  const TypeSpec& spec_;
  std::shared_ptr<Env> env_;
  std::shared_ptr<Peer> peer_;
  std::shared_ptr<Serial> serial_;
  uint64_t close_ticket_ = 0;
  uint32_t id_ = 0;
  std::atomic<bool> error_posted_{false}, failed_{false};
  Spin spin_;  // of streaming threads that wait for an answer
  bool stop_js();              // calls JS's stop where it is due; false when that failed
  bool stop_pending_ = false;  // JS's start (or build) was called and its stop was not
  bool may_start_ = true;      // a start is waited for: no stop is under way
  int64_t start_until_ = 0;    // it may take until then; ns of the steady clock
  std::mutex values_mutex_;
  std::vector<GValue> values_;
  GstCaps* output_caps_ = nullptr;
  std::shared_ptr<const GstVideoInfo> video_;
};

// Start, stop and the like that fail without an answer become errors with these words.
GstFlowReturn to_flow(Outcome outcome);

}  // namespace talk
