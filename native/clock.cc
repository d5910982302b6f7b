#include "clock.h"

#include <gst/check/gsttestclock.h>

#include <memory>
#include <mutex>

#include "pipeline.h"
#include "value.h"

namespace talk {

namespace {

// A wait for the test clock looks this often whether its pipeline is being stopped: GstTestClock's own wait cannot
// be cancelled. New waiters wake it at once.
constexpr guint kSliceMs = 20;

// The clock in use: the fixed one before PLAYING, else the selected one. A new reference or null.
GstClock* clock_of(Pipeline* pipeline) {
  return gst_pipeline_get_pipeline_clock(GST_PIPELINE(pipeline->gst()));
}

Pipeline* open_pipeline(Env& env, const Args& args) {
  Pipeline* pipeline = Pipeline::of(env.napi(), args[0]);
  if (pipeline != nullptr && !pipeline->closed()) return pipeline;
  js_throw(env.napi(), "the pipeline is closed");
  return nullptr;
}

// The test clock of argument 0, or null with an exception pending.
Strong<GstClock> test_clock(Env& env, const Args& args) {
  Pipeline* pipeline = open_pipeline(env, args);
  if (pipeline == nullptr) return Strong<GstClock>(nullptr);
  GstClock* clock = clock_of(pipeline);
  if (clock != nullptr && GST_IS_TEST_CLOCK(clock)) return Strong<GstClock>(clock);
  if (clock != nullptr) gst_object_unref(clock);
  js_throw(env.napi(), "the pipeline has no test clock: launch it with {clock: 'test'}");
  return Strong<GstClock>(nullptr);
}

// {name, type, time}
napi_value clock_info(Env& env, const Args& args) {
  Pipeline* pipeline = open_pipeline(env, args);
  if (pipeline == nullptr) return nullptr;
  napi_env napi = env.napi();
  const Strong<GstClock> clock(clock_of(pipeline));
  if (!clock) return js_null(napi);
  napi_value object = js_object(napi);
  js_set(napi, object, "name", js_string(napi, GST_OBJECT_NAME(clock.get())));
  js_set(napi, object, "type", js_string(napi, G_OBJECT_TYPE_NAME(clock.get())));
  js_set(napi, object, "test", js_bool(napi, GST_IS_TEST_CLOCK(clock.get())));
  js_set(napi, object, "time", time_to_js(napi, gst_clock_get_time(clock.get())));
  return object;
}

// GstTestClock aborts when its time goes back, so a look at the time and the step after it are one.
std::mutex step_mutex;

// Ends every wait that is due; a test clock does not do that by itself.
void process_due(GstTestClock* clock) {
  while (GstClockID due = gst_test_clock_process_next_clock_id(clock)) gst_clock_id_unref(due);
}

// (pipeline, ns): false, and nothing done, for a time that has passed.
napi_value clock_set(Env& env, const Args& args) {
  const Strong<GstClock> clock = test_clock(env, args);
  if (!clock) return nullptr;
  const GstClockTime time = js_to_time(env.napi(), args[1]);
  const std::lock_guard<std::mutex> lock(step_mutex);
  if (time < gst_clock_get_time(clock.get())) return js_bool(env.napi(), false);
  gst_test_clock_set_time(GST_TEST_CLOCK(clock.get()), time);
  process_due(GST_TEST_CLOCK(clock.get()));
  return js_bool(env.napi(), true);
}

napi_value clock_waiting(Env& env, const Args& args) {
  const Strong<GstClock> clock = test_clock(env, args);
  if (!clock) return nullptr;
  return js_number(env.napi(), gst_test_clock_peek_id_count(GST_TEST_CLOCK(clock.get())));
}

napi_value clock_next(Env& env, const Args& args) {
  const Strong<GstClock> clock = test_clock(env, args);
  if (!clock) return nullptr;
  return time_to_js(env.napi(), gst_test_clock_get_next_entry_time(GST_TEST_CLOCK(clock.get())));
}

// Waits until `count` waits are pending. False when the pipeline is stopped meanwhile.
bool wait_pending(GstTestClock* clock, guint count, const std::weak_ptr<Pipeline>& weak) {
  for (;;) {
    {
      const std::shared_ptr<Pipeline> pipeline = weak.lock();
      if (pipeline == nullptr || pipeline->stopping()) return false;
    }
    // GstTestClock's own wait is for exactly as many: one more and it would wait for ever.
    if (gst_test_clock_peek_id_count(clock) >= count) return true;
    GList* pending = nullptr;
    const bool there = gst_test_clock_timed_wait_for_multiple_pending_ids(clock, count, kSliceMs, &pending);
    g_list_free_full(pending, gst_clock_id_unref);
    if (there) return true;
  }
}

// Goes to the time of the earliest wait and ends it; false when there was none.
bool process_next(GstTestClock* clock) {
  const std::lock_guard<std::mutex> lock(step_mutex);
  const GstClockTime next = gst_test_clock_get_next_entry_time(clock);
  if (!GST_CLOCK_TIME_IS_VALID(next)) return false;
  if (next > gst_clock_get_time(GST_CLOCK(clock))) gst_test_clock_set_time(clock, next);
  GstClockID done = gst_test_clock_process_next_clock_id(clock);
  if (done != nullptr) gst_clock_id_unref(done);
  return done != nullptr;
}

// (pipeline, count, process) -> Promise<the clock's time, or undefined when the pipeline was stopped>
napi_value clock_wait(Env& env, const Args& args) {
  Strong<GstClock> clock = test_clock(env, args);
  if (!clock) return nullptr;
  Pipeline* pipeline = open_pipeline(env, args);
  napi_value promise = nullptr;
  const std::shared_ptr<Deferred> deferred = Deferred::make(env, &promise);
  if (deferred == nullptr) return nullptr;
  const guint count = args.u32(1);
  const bool process = args.boolean(2);
  ControlPool::waits().run([weak = pipeline->weak_from_this(), clock = std::move(clock), deferred, count, process] {
    auto* test = GST_TEST_CLOCK(clock.get());
    // A wait that ended by itself between the two steps is waited for again.
    bool done = wait_pending(test, count, weak);
    while (done && process && !process_next(test)) done = wait_pending(test, count, weak);
    const GstClockTime time = done ? gst_clock_get_time(clock.get()) : GST_CLOCK_TIME_NONE;
    deferred->settle([time](Env& env) { return time_to_js(env.napi(), time); });
  });
  return promise;
}

}  // namespace

void use_test_clock(GstElement* pipeline) {
  GstClock* clock = gst_test_clock_new();
  gst_pipeline_use_clock(GST_PIPELINE(pipeline), clock);
  gst_object_unref(clock);
}

void init_clock(Env& env, napi_value exports) {
  define<clock_info>(env, exports, "clockInfo");
  define<clock_set>(env, exports, "clockSet");
  define<clock_waiting>(env, exports, "clockWaiting");
  define<clock_next>(env, exports, "clockNext");
  define<clock_wait>(env, exports, "clockWait");
}

}  // namespace talk
