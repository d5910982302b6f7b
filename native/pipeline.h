// The pipeline half of the addon: parse, state changes off the JS thread, bus, clock, introspection.
#pragma once

#include <gst/gst.h>
#include <node_api.h>

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <functional>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "bus.h"
#include "control.h"
#include "deferred.h"
#include "env.h"
#include "handle.h"
#include "js.h"

namespace talk {

// Adds the pipeline functions to the addon's exports.
void init_pipelines(Env& env, napi_value exports);

// What waits for JS besides messages: the samples of an appsink, the emissions of a signal.
class Backlog {
 public:
  virtual ~Backlog() = default;
  // Hands over all that waits now. JS thread.
  virtual void hand_over() = 0;
};

// One running graph. JS owns it through an external; native jobs share it. Everything that may block runs on its
// lanes; JS is told through one function, `dispatch(kind, id, payload)`, that TypeScript gave at launch.
//
// While the pipeline is wanted above NULL or has jobs under way it is *held*: the event loop stays alive and the
// dispatch function (hence the TypeScript object behind it) cannot be collected. `set_unref` gives both up.
class Pipeline : public std::enable_shared_from_this<Pipeline> {
 public:
  // Takes `gst` over.
  static std::shared_ptr<Pipeline> open(Env& env, GstElement* gst, napi_value dispatch);
  // The pipeline behind the external that JS holds; null for anything else.
  static Pipeline* of(napi_env napi, napi_value external);
  napi_value external(napi_env napi);
  ~Pipeline();

  // --- JS thread ---
  bool closed() const { return closed_; }
  GstElement* gst() const { return gst_; }  // valid until closed()
  Env& env() const { return *env_; }

  // Runs `work(GstElement*) -> Result` on a control thread; the returned promise resolves with
  // `report(Env&, Result) -> napi_value`. It rejects when the lane is full. Null once closed.
  template <typename Work, typename Report>
  napi_value run(Lane lane, Work work, Report report) {
    return closed_ ? nullptr : enqueue(lane, std::move(work), std::move(report), false);
  }

  // Resolves with {result: 'success' | 'async' | 'no-preroll' | 'failure', culprit?: path}. After a failure the
  // pipeline is in NULL again: half-started serves nobody and would keep the process alive.
  napi_value set_state(GstState state);
  // NULL, then everything is released. Resolves when that is done.
  napi_value close();
  void set_unref(bool unref);

  // Has this handed over before the end of the stream is told.
  void watch(const std::weak_ptr<Backlog>& backlog);
  // Calls the dispatch function; null when it was collected or threw (which is an uncaught exception).
  napi_value dispatch(const char* kind, uint32_t id, napi_value payload);

  // --- any thread ---
  // From the moment a stop is asked for until it is done: nobody may wait for JS meanwhile.
  bool stopping() const { return stops_.load() > 0 || env_->closed(); }
  void post(BusItem item);
  // Blocks a streaming thread until `done`, a stop, the end of the isolate or the deadline; true when done.
  bool wait_for_js(const std::atomic<bool>& done, std::chrono::milliseconds deadline);
  // How many stops have been asked for: a wait that began before one ends with it, also when it comes to run only after it.
  uint64_t stops_begun() const { return stops_begun_.load(); }
  // Blocks a thread of the waits pool until `ready`, which is asked again at every wake(); false after a stop since `begun`.
  bool wait_until(uint64_t begun, const std::function<bool()>& ready);
  // Makes such waits look again.
  void wake();
  const std::shared_ptr<Env>& shared_env() const { return env_; }

  // ASYNC_DONE messages of the pipeline so far.
  uint64_t async_done() const { return async_done_; }

  // Pipelines of this process that hold GStreamer objects, for the tests that count.
  static int count();

 private:
  Pipeline() = default;
  template <typename Work, typename Report>
  napi_value enqueue(Lane lane, Work work, Report report, bool always);
  void attach();
  void handle(GstElement* gst, GstMessage* message);
  void report_latency(GstElement* gst, bool recalculate);
  void post_null(GstElement* gst);
  void again_playing(GstElement* gst);
  void drain_bus();
  void catch_up();
  bool deliver();
  void hand_over();
  void begin_stop();
  void end_stop();
  void take_down();
  void unstick(GstElement* gst);
  void release();
  void refresh_hold();
  static void finalize(napi_env napi, void* data, void*);
  static GstBusSyncReply on_message(GstBus* bus, GstMessage* message, gpointer link);

  std::shared_ptr<Env> env_;
  std::shared_ptr<ControlQueue> lanes_ = std::make_shared<ControlQueue>();
  BusQueue bus_;
  GstElement* gst_ = nullptr;  // ours until release(), on a control thread
  std::mutex stop_mutex_;  // of a stop that begins or ends, so that no element misses which came last
  std::atomic<int> stops_{0};
  std::atomic<uint64_t> stops_begun_{0};
  std::mutex wait_mutex_;
  std::condition_variable wait_changed_;
  std::atomic<int> target_{GST_STATE_NULL};
  std::atomic<uint64_t> async_done_{0};
  std::atomic<bool> latency_queued_{false};
  std::atomic<bool> latency_stale_{false};
  uint64_t wake_hook_ = 0;
  uint64_t stop_hook_ = 0;

  // JS thread only.
  napi_ref dispatch_ = nullptr;
  bool closed_ = false;
  bool unref_ = false;
  bool above_null_ = false;
  bool held_ = false;
  int jobs_ = 0;
  uint64_t changes_ = 0;
  std::vector<std::weak_ptr<Backlog>> backlogs_;
};

template <typename Work, typename Report>
napi_value Pipeline::enqueue(Lane lane, Work work, Report report, bool always) {
  napi_value promise = nullptr;
  const std::shared_ptr<Deferred> deferred = Deferred::make(*env_, &promise);
  if (deferred == nullptr) return nullptr;
  jobs_++;
  refresh_hold();
  auto job = [self = shared_from_this(), gst = Strong<GstElement>(GST_ELEMENT(gst_object_ref(gst_))), deferred,
              work = std::move(work), report]() mutable {
    auto result = [&] {
      const Strong<GstElement> taken = std::move(gst);  // let go before the promise settles
      return work(taken.get());
    }();
    deferred->settle([self, result = std::move(result), report](Env& env) mutable {
      self->jobs_--;
      napi_value value = report(env, result);
      self->refresh_hold();
      return value;
    });
  };
  if (!lanes_->push(lane, std::move(job), always)) {
    jobs_--;
    refresh_hold();
    deferred->settle([](Env& env) -> napi_value {
      napi_throw_error(env.napi(), "BUSY", "the control queue of the pipeline is full");
      return nullptr;
    });
  }
  return promise;
}

}  // namespace talk
