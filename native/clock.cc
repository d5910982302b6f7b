#include "clock.h"

#include <memory>

#include "pipeline.h"
#include "test_clock.h"
#include "value.h"

namespace talk {

namespace {

// The clock that was selected for PLAYING, or a test clock from the beginning. A new reference or null.
GstClock* clock_of(Pipeline* pipeline) {
  GstClock* selected = gst_element_get_clock(pipeline->gst());
  if (selected != nullptr) return selected;
  GstClock* fixed = gst_pipeline_get_pipeline_clock(GST_PIPELINE(pipeline->gst()));
  if (is_test_clock(fixed)) return fixed;
  gst_object_unref(fixed);
  return nullptr;
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
  if (clock != nullptr && is_test_clock(clock)) return Strong<GstClock>(clock);
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
  js_set(napi, object, "test", js_bool(napi, is_test_clock(clock.get())));
  js_set(napi, object, "time", time_to_js(napi, gst_clock_get_time(clock.get())));
  return object;
}

// (pipeline, ns): false, and nothing done, for a time that has passed.
napi_value clock_set(Env& env, const Args& args) {
  const Strong<GstClock> clock = test_clock(env, args);
  if (!clock) return nullptr;
  return js_bool(env.napi(), test_clock_set(clock.get(), js_to_time(env.napi(), args[1])));
}

napi_value clock_waiting(Env& env, const Args& args) {
  const Strong<GstClock> clock = test_clock(env, args);
  return clock ? js_number(env.napi(), static_cast<double>(test_clock_waiting(clock.get()))) : nullptr;
}

napi_value clock_next(Env& env, const Args& args) {
  const Strong<GstClock> clock = test_clock(env, args);
  return clock ? time_to_js(env.napi(), test_clock_next(clock.get())) : nullptr;
}

// (pipeline, count, process) -> Promise<the clock's time, or undefined when the pipeline was stopped>
napi_value clock_wait(Env& env, const Args& args) {
  Strong<GstClock> clock = test_clock(env, args);
  if (!clock) return nullptr;
  Pipeline* pipeline = open_pipeline(env, args);
  napi_value promise = nullptr;
  const std::shared_ptr<Deferred> deferred = Deferred::make(env, &promise);
  if (deferred == nullptr) return nullptr;
  const size_t count = args.u32(1);
  const bool crank = args.boolean(2);
  // Holds the pipeline only while it waits: that ends with the pipeline.
  ControlPool::waits().run([pipeline = pipeline->shared_from_this(), begun = pipeline->stops_begun(),
                            clock = std::move(clock), deferred, count, crank] {
    GstClockTime time = GST_CLOCK_TIME_NONE;
    while (pipeline->wait_until(begun, [&] { return test_clock_waiting(clock.get()) >= count; })) {
      time = crank ? test_clock_crank(clock.get()) : gst_clock_get_time(clock.get());
      if (GST_CLOCK_TIME_IS_VALID(time)) break;  // else the wait ended by itself between the two
    }
    deferred->settle([time](Env& env) { return time_to_js(env.napi(), time); });
  });
  return promise;
}

}  // namespace

void use_test_clock(Pipeline& pipeline) {
  GstClock* clock = test_clock_new([weak = pipeline.weak_from_this()] {
    if (const std::shared_ptr<Pipeline> waiting = weak.lock()) waiting->wake();
  });
  gst_pipeline_use_clock(GST_PIPELINE(pipeline.gst()), clock);
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
