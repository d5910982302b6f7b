// One question from GStreamer to an author's method: what it carries across, who waits for it, and what came back.
//
// Reference counted: the asking thread, the queue to the JS thread and the table of open calls each hold one. A
// call that nobody waits for any more (flush, stop, a cut) stays alive until JS settles it, because JS may still
// look at its memory; then everything is let go and the answer is dropped.
#pragma once

#include <gst/gst.h>
#include <gst/video/video.h>
#include <node_api.h>

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "env.h"
#include "jsside.h"
#include "readonly.h"
#include "stroke.h"

namespace talk {

class Element;
class Epoch;

// What JS is asked. src/element/wire.ts has the same table.
enum class Op : int {
  kConstruct = 0,  // make the author's object now
  kStart = 1,
  kStop = 2,
  kSetup = 3,      // a: pad, b: caps, c: caps as text
  kCreate = 4,     // a: pts, b: frames
  kTransform = 5,  // a: data, b: output data, c: metas
  kRender = 6,     // a: data, c: metas
  kAggregate = 7,  // a: list of pad frames; shared array: pts, duration, offset of the output
  kEvent = 8,      // a: pad, b: name, c: fields; flags: 1 out of band, 2 upstream
  kDrain = 9,      // end of stream has arrived
  kBuild = 10,
  kPadCaps = 11,   // a: pad, b: caps, c: caps as text
  // Told, not asked: nobody waits for an answer.
  kProperty = 20,  // a: name
  kAction = 21,    // a: name, b: arguments
  kAbort = 22,     // work on old data is no longer wanted
  kDestroy = 23,
  kLatency = 24,   // a: pipeline latency, ns
  kReady = 25,     // a queue has something to take
  kSpace = 26,     // a queue has room again
  kRun = 27,       // a: generation; begin working afresh
  kPadAdded = 28,  // a: pad
  kPadRemoved = 29,
  kMessage = 30,   // a: name, c: fields; an element message of a bin's part
};

enum class Outcome : int { kPending = 0, kOk = 1, kDrop = 2, kEos = 3, kError = 4, kFlushing = 5, kLate = 6 };

// A buffer that JS sees while a call is open (views.cc).
struct View {
  GstBuffer* buffer = nullptr;  // owned
  GstMapInfo map = {};
  bool mapped = false;
  ReadOnly watch;
  std::shared_ptr<const GstVideoInfo> video;  // layout, for pictures
  uint32_t flags = 0;                   // besides the buffer's own
  std::string pad;                      // aggregate: where it came from
  napi_value array = nullptr;           // valid inside the dispatch that made it
  napi_ref keep = nullptr;              // the same, while JS works on asynchronously
  bool copied = false;                  // JS sees a copy, which is written back when it has answered
};

// A buffer or event on its way out of an element.
struct Item {
  GstMiniObject* object = nullptr;  // owned
  GstClockTime at = GST_CLOCK_TIME_NONE;
  std::unique_ptr<Stroke> stroke;  // drawn by whoever takes the buffer

  Item() = default;
  explicit Item(GstMiniObject* o, GstClockTime when = GST_CLOCK_TIME_NONE) : object(o), at(when) {}
  explicit Item(GstBuffer* buffer, GstClockTime when = GST_CLOCK_TIME_NONE)
      : Item(GST_MINI_OBJECT_CAST(buffer), when) {}
  explicit Item(GstEvent* event) : Item(GST_MINI_OBJECT_CAST(event)) {}
  Item(Item&& other) noexcept
      : object(std::exchange(other.object, nullptr)), at(other.at), stroke(std::move(other.stroke)) {}
  Item& operator=(Item&& other) noexcept {
    std::swap(object, other.object);
    std::swap(at, other.at);
    std::swap(stroke, other.stroke);
    return *this;
  }
  Item(const Item&) = delete;
  ~Item() {
    if (object != nullptr) gst_mini_object_unref(object);
  }
  bool is_event() const { return GST_IS_EVENT(object); }
  GstBuffer* take_buffer() {
    if (stroke) std::exchange(stroke, nullptr)->draw(GST_BUFFER_CAST(object));
    return GST_BUFFER_CAST(std::exchange(object, nullptr));
  }
  GstEvent* take_event() { return GST_EVENT_CAST(std::exchange(object, nullptr)); }
};

class Call {
 public:
  Call(Element* element, Op op);
  Call(const Call&) = delete;

  void ref() { refs_.fetch_add(1, std::memory_order_relaxed); }
  void unref();

  // Adds a buffer (a reference is taken) that JS may look at, or write to. Null when it cannot be mapped.
  View* add_view(GstBuffer* buffer, GstMapFlags flags);

  // --- JS thread ---
  void run(Env& env);                          // asks; settles at once when JS answers at once
  bool settle(JsSide& side, Outcome outcome);  // the answer is there; true when somebody waited for it
  void release_views(napi_env napi);           // writes back or detaches, unmaps; null when the isolate is gone

  // Who asks, for as long as it lives: an answer that never comes must not keep an element that is long stopped.
  const std::shared_ptr<Peer> asker;
  const Op op;
  uint32_t id = 0;
  bool inline_run = false;          // the JS thread itself waits: a promise cannot be awaited
  const Epoch* epoch = nullptr;     // the answer is not wanted once this is stale

  // Question.
  std::vector<View> views;
  std::string pad;
  GstCaps* caps = nullptr;            // owned
  GstStructure* structure = nullptr;  // owned
  double a = 0, b = 0, c = 0;
  uint32_t flags = 0;

  // Answer. Guarded by the element's mutex; whoever has given up or has the outcome is alone with it. The outcome is
  // written last, so a thread that looks for it without the lock finds the rest, too.
  std::atomic<Outcome> outcome{Outcome::kPending};
  int64_t took = 0;  // ns that JS needed for it
  std::atomic<bool> abandoned{false};  // nobody waits any more
  std::atomic<bool> revised{false};    // because the author took it back: what it says from then on is another matter
  double number = -1;
  std::vector<Item> items;

 private:
  ~Call();
  void write_args(JsSide& side, napi_value* argv);
  napi_value view_array(JsSide& side, View& view);
  bool wrote_read_only() const;  // sanitizer builds only
  void forget_views(napi_env napi);
  std::atomic<int> refs_{1};
  int64_t begun_ = 0;
  napi_env shown_to_ = nullptr;  // who has the views; null before, and once it is terminated
};

}  // namespace talk
