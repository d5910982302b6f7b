// What TypeScript calls on a pipeline as a whole. See src/graph/pipeline.ts for what each means.
#include <string>

#include "clock.h"
#include "convert.h"
#include "edit.h"
#include "introspect.h"
#include "object.h"
#include "parse.h"
#include "pipeline.h"
#include "samples.h"
#include "signals.h"
#include "value.h"

namespace talk {

namespace {

// A line may describe a pipeline, one element or a bin; all become a pipeline.
GstElement* as_pipeline(GstElement* parsed) {
  if (GST_IS_PIPELINE(parsed)) return GST_ELEMENT(gst_object_ref_sink(parsed));
  GstElement* pipeline = gst_pipeline_new(nullptr);
  gst_object_ref_sink(pipeline);
  gst_bin_add(GST_BIN(pipeline), parsed);
  return pipeline;
}

// (line, name | undefined, clock: 'system' | 'test', dispatch) -> {pipeline} | {error}
napi_value pipeline_launch(Env& env, const Args& args) {
  napi_env napi = env.napi();
  GError* error = nullptr;
  GstParseContext* context = gst_parse_context_new();
  GstElement* parsed = gst_parse_launch_full(args.string(0).c_str(), context, GST_PARSE_FLAG_FATAL_ERRORS, &error);
  if (parsed == nullptr || error != nullptr) {
    if (parsed != nullptr) gst_object_unref(gst_object_ref_sink(parsed));
    napi_value result = parse_error_to_js(napi, error, context);
    g_clear_error(&error);
    gst_parse_context_free(context);
    return result;
  }
  gst_parse_context_free(context);
  GstElement* gst = as_pipeline(parsed);
  if (args.given(1)) gst_object_set_name(GST_OBJECT(gst), args.string(1).c_str());
  const std::shared_ptr<Pipeline> pipeline = Pipeline::open(env, gst, args[3]);
  if (args.string(2) == "test") use_test_clock(*pipeline);
  napi_value result = js_object(napi);
  js_set(napi, result, "pipeline", pipeline->external(napi));
  return result;
}

// The pipeline of argument 0, or nullptr with an exception pending.
Pipeline* open_pipeline(Env& env, const Args& args) {
  Pipeline* pipeline = Pipeline::of(env.napi(), args[0]);
  if (pipeline != nullptr && !pipeline->closed()) return pipeline;
  js_throw(env.napi(), "the pipeline is closed");
  return nullptr;
}

napi_value pipeline_set_state(Env& env, const Args& args) {
  Pipeline* pipeline = open_pipeline(env, args);
  return pipeline != nullptr ? pipeline->set_state(static_cast<GstState>(args.u32(1))) : nullptr;
}

napi_value pipeline_close(Env& env, const Args& args) {
  Pipeline* pipeline = open_pipeline(env, args);
  return pipeline != nullptr ? pipeline->close() : nullptr;
}

napi_value pipeline_unref(Env& env, const Args& args) {
  Pipeline* pipeline = open_pipeline(env, args);
  if (pipeline != nullptr) pipeline->set_unref(args.boolean(1));
  return nullptr;
}

napi_value report_bool(Env& env, bool done) { return js_bool(env.napi(), done); }

// Resolves with whether any element took the event.
napi_value pipeline_eos(Env& env, const Args& args) {
  Pipeline* pipeline = open_pipeline(env, args);
  if (pipeline == nullptr) return nullptr;
  return pipeline->run(
      Lane::kEvent, [](GstElement* gst) -> bool { return gst_element_send_event(gst, gst_event_new_eos()); },
      report_bool);
}

void note_async(const GValue* item, gpointer found) {
  auto* child = static_cast<GstElement*>(g_value_get_object(item));
  if (gst_element_get_state(child, nullptr, nullptr, 0) == GST_STATE_CHANGE_ASYNC) *static_cast<bool*>(found) = true;
}

// True while a sink waits for its first buffer, so that an ASYNC_DONE is still to come. The pipeline's own state does
// not tell: behind that message it stays "async" until it plays again, and no other follows. Nor do those of its
// children while they are on that way, hence the lock.
bool prerolls(GstElement* gst) {
  bool waits = false;
  GST_STATE_LOCK(gst);
  if (gst_element_get_state(gst, nullptr, nullptr, 0) == GST_STATE_CHANGE_ASYNC) {
    GstIterator* children = gst_bin_iterate_elements(GST_BIN(gst));
    while (gst_iterator_foreach(children, note_async, &waits) == GST_ITERATOR_RESYNC) {
      waits = false;
      gst_iterator_resync(children);
    }
    gst_iterator_free(children);
  }
  GST_STATE_UNLOCK(gst);
  return waits;
}

// (pipeline, rate, flags, start, stop | undefined) -> Promise<{done, async, asyncDone}>. `async`: the sinks preroll
// again, and the ASYNC_DONE after the `asyncDone` seen so far ends it.
napi_value pipeline_seek(Env& env, const Args& args) {
  Pipeline* pipeline = open_pipeline(env, args);
  if (pipeline == nullptr) return nullptr;
  const double rate = args.number(1);
  const auto flags = static_cast<GstSeekFlags>(args.u32(2));
  const GstClockTime start = js_to_time(env.napi(), args[3]);
  const GstClockTime stop = js_to_time(env.napi(), args[4]);
  struct Outcome {
    bool done;
    bool async;
    uint64_t async_done;
  };
  auto work = [=, self = pipeline->shared_from_this()](GstElement* gst) {
    const GstSeekType end = GST_CLOCK_TIME_IS_VALID(stop) ? GST_SEEK_TYPE_SET : GST_SEEK_TYPE_NONE;
    Outcome outcome{};
    outcome.done = gst_element_seek(gst, rate, GST_FORMAT_TIME, flags, GST_SEEK_TYPE_SET, static_cast<gint64>(start),
                                    end, static_cast<gint64>(stop));
    outcome.async_done = self->async_done();  // before the look: what comes after it is counted
    outcome.async = prerolls(gst);
    return outcome;
  };
  return pipeline->run(Lane::kEvent, work, [](Env& env, const Outcome& outcome) {
    napi_value object = js_object(env.napi());
    js_set(env.napi(), object, "done", js_bool(env.napi(), outcome.done));
    js_set(env.napi(), object, "async", js_bool(env.napi(), outcome.async));
    js_set(env.napi(), object, "asyncDone", js_number(env.napi(), static_cast<double>(outcome.async_done)));
    return object;
  });
}

napi_value pipeline_position(Env& env, const Args& args) {
  Pipeline* pipeline = open_pipeline(env, args);
  gint64 at = 0;
  if (pipeline == nullptr || !gst_element_query_position(pipeline->gst(), GST_FORMAT_TIME, &at) || at < 0)
    return nullptr;
  return time_to_js(env.napi(), static_cast<GstClockTime>(at));
}

napi_value pipeline_duration(Env& env, const Args& args) {
  Pipeline* pipeline = open_pipeline(env, args);
  gint64 length = 0;
  if (pipeline == nullptr || !gst_element_query_duration(pipeline->gst(), GST_FORMAT_TIME, &length) || length < 0)
    return nullptr;
  return time_to_js(env.napi(), static_cast<GstClockTime>(length));
}

napi_value pipeline_latency(Env& env, const Args& args) {
  Pipeline* pipeline = open_pipeline(env, args);
  if (pipeline == nullptr) return nullptr;
  GstQuery* query = gst_query_new_latency();
  napi_value object = nullptr;
  if (gst_element_query(pipeline->gst(), query)) {
    gboolean live = FALSE;
    GstClockTime min = 0;
    GstClockTime max = 0;
    gst_query_parse_latency(query, &live, &min, &max);
    object = js_object(env.napi());
    js_set(env.napi(), object, "live", js_bool(env.napi(), live));
    js_set(env.napi(), object, "min", time_to_js(env.napi(), min));
    js_set(env.napi(), object, "max", time_to_js(env.napi(), max));
  }
  gst_query_unref(query);
  return object;
}

napi_value pipeline_dot(Env& env, const Args& args) {
  Pipeline* pipeline = open_pipeline(env, args);
  if (pipeline == nullptr) return nullptr;
  gchar* text = gst_debug_bin_to_dot_data(GST_BIN(pipeline->gst()), static_cast<GstDebugGraphDetails>(args.u32(1)));
  napi_value result = js_string(env.napi(), text);
  g_free(text);
  return result;
}

// {base, running}: ns, each undefined while unknown. Running time stands still below PLAYING.
napi_value pipeline_times(Env& env, const Args& args) {
  Pipeline* pipeline = open_pipeline(env, args);
  if (pipeline == nullptr) return nullptr;
  napi_env napi = env.napi();
  GstElement* gst = pipeline->gst();
  const bool playing = GST_STATE(gst) == GST_STATE_PLAYING;
  const GstClockTime running = playing ? gst_element_get_current_running_time(gst) : gst_element_get_start_time(gst);
  napi_value object = js_object(napi);
  js_set(napi, object, "base", time_to_js(napi, gst_element_get_base_time(gst)));
  js_set(napi, object, "running", time_to_js(napi, running));
  return object;
}

// Reports every change of a property below the pipeline as a 'property' message, with its value.
napi_value pipeline_watch_properties(Env& env, const Args& args) {
  Pipeline* pipeline = open_pipeline(env, args);
  if (pipeline != nullptr) gst_element_add_property_deep_notify_watch(pipeline->gst(), nullptr, TRUE);
  return nullptr;
}

napi_value pipeline_handle(Env& env, const Args& args) {
  Pipeline* pipeline = open_pipeline(env, args);
  return pipeline != nullptr ? handle_to_js(env.napi(), G_OBJECT(pipeline->gst())) : nullptr;
}

// What is alive in this process: for tests and for the server's metrics.
napi_value census(Env& env, const Args&) {
  napi_env napi = env.napi();
  napi_value object = js_object(napi);
  js_set(napi, object, "pipelines", js_number(napi, Pipeline::count()));
  js_set(napi, object, "handles", js_number(napi, handle_count()));
  js_set(napi, object, "signals", js_number(napi, signal_count()));
  js_set(napi, object, "taps", js_number(napi, tap_count()));
  js_set(napi, object, "controlThreads",
         js_number(napi, ControlPool::shared().threads() + ControlPool::waits().threads()));
  js_set(napi, object, "controlJobs", js_number(napi, static_cast<double>(ControlPool::shared().waiting())));
  return object;
}

}  // namespace

void init_pipelines(Env& env, napi_value exports) {
  define<pipeline_launch>(env, exports, "pipelineLaunch");
  define<pipeline_set_state>(env, exports, "pipelineSetState");
  define<pipeline_close>(env, exports, "pipelineClose");
  define<pipeline_unref>(env, exports, "pipelineUnref");
  define<pipeline_eos>(env, exports, "pipelineEos");
  define<pipeline_seek>(env, exports, "pipelineSeek");
  define<pipeline_position>(env, exports, "pipelinePosition");
  define<pipeline_duration>(env, exports, "pipelineDuration");
  define<pipeline_latency>(env, exports, "pipelineLatency");
  define<pipeline_dot>(env, exports, "pipelineDot");
  define<pipeline_times>(env, exports, "pipelineTimes");
  define<pipeline_watch_properties>(env, exports, "pipelineWatchProperties");
  define<pipeline_handle>(env, exports, "pipelineHandle");
  define<census>(env, exports, "census");
  init_clock(env, exports);
  init_objects(env, exports);
  init_edit(env, exports);
  init_signals(env, exports);
  init_samples(env, exports);
  init_introspection(env, exports);
}

}  // namespace talk
