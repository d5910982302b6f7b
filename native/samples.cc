// The appsink's and appsrc's own queues are the bounded ones: they already know flush, EOS and preroll. Here is only
// the way between them and JS: one notification however many buffers wait, a cap per turn, and a count of what was
// dropped.
#include "samples.h"

#include <gst/app/gstappsink.h>
#include <gst/app/gstappsrc.h>

#include <atomic>
#include <memory>
#include <mutex>

#include "convert.h"
#include "pipeline.h"
#include "value.h"

namespace talk {

namespace {

std::atomic<int> live{0};

// Buffers handed over in one turn of the JS loop.
constexpr guint kBatch = 32;

// Where a sink's pad keeps the number of its flush probe.
constexpr char kFlushProbe[] = "talkgraph-flush-probe";

// An appsink or appsrc that JS listens to. Shared by the element's callbacks and what is on the way to JS.
struct Tap final : Backlog, std::enable_shared_from_this<Tap> {
  std::weak_ptr<Pipeline> pipeline;
  std::shared_ptr<Env> env;
  GWeakRef element;
  uint32_t id = 0;
  guint limit = 0;  // of an appsink: buffers that may wait in it
  std::atomic<bool> armed{false};
  std::atomic<bool> gone{false};

  // Samples that came in and went out since the last flush: what is neither out nor waiting was dropped.
  std::mutex mutex;
  uint64_t arrived = 0;
  uint64_t taken = 0;

  Tap() { live++; }
  ~Tap() override {
    g_weak_ref_clear(&element);
    live--;
  }

  void wake(void (Tap::*work)()) {
    if (armed.exchange(true)) return;
    env->post_fn([self = shared_from_this(), work](Env&) { (self.get()->*work)(); });
  }

  std::shared_ptr<Pipeline> owner() const {
    const std::shared_ptr<Pipeline> found = pipeline.lock();
    return found != nullptr && !found->closed() && !gone ? found : nullptr;
  }

  uint64_t count_of(const uint64_t& counter) {
    const std::lock_guard<std::mutex> lock(mutex);
    return counter;
  }

  // How many of `before` arrivals never came out; they are reported once.
  uint64_t lost(uint64_t before) {
    const std::lock_guard<std::mutex> lock(mutex);
    if (before <= taken || before > arrived) return 0;
    const uint64_t missing = before - taken;
    taken = before;
    return missing;
  }

  void flushed() {
    const std::lock_guard<std::mutex> lock(mutex);
    arrived = taken = 0;
  }

  bool take_batch();
  void drain();
  void hungry();
  void hand_over() override {
    for (guint batches = limit / kBatch + 1; batches > 0 && take_batch(); batches--) continue;
  }
};

napi_value sample_to_js(napi_env napi, GstSample* sample) {
  GstBuffer* buffer = gst_sample_get_buffer(sample);
  napi_value object = buffer != nullptr ? buffer_to_js(napi, buffer) : js_object(napi);
  const GstSegment* segment = gst_sample_get_segment(sample);
  if (buffer != nullptr && segment != nullptr && segment->format == GST_FORMAT_TIME) {
    const GstClockTime running = gst_segment_to_running_time(segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
    if (GST_CLOCK_TIME_IS_VALID(running)) js_set(napi, object, "runningTime", time_to_js(napi, running));
  }
  return object;
}

// JS thread: dispatch('samples', id, {samples, dropped}). Equal caps of one batch are one JS object. True when there may
// be more.
bool Tap::take_batch() {
  const std::shared_ptr<Pipeline> pipeline = owner();
  const Strong<GstAppSink> sink(static_cast<GstAppSink*>(g_weak_ref_get(&element)));
  if (pipeline == nullptr || !sink) return false;
  napi_env napi = env->napi();
  napi_value samples = js_array(napi);
  napi_value caps = nullptr;
  GstCaps* caps_of = nullptr;
  guint count = 0;
  uint64_t dropped = 0;
  for (; count < kBatch; count++) {
    // All that had arrived by now is either out or dropped if nothing is left.
    const uint64_t before = count_of(arrived);
    GstSample* sample = gst_app_sink_try_pull_sample(sink.get(), 0);
    if (sample == nullptr) {
      dropped = lost(before);
      break;
    }
    napi_value object = sample_to_js(napi, sample);
    if (caps == nullptr || gst_sample_get_caps(sample) != caps_of) {
      gst_caps_replace(&caps_of, gst_sample_get_caps(sample));
      caps = caps_to_js(napi, caps_of);
    }
    js_set(napi, object, "caps", caps);
    napi_set_element(napi, samples, count, object);
    gst_sample_unref(sample);
    const std::lock_guard<std::mutex> lock(mutex);
    taken++;
  }
  gst_clear_caps(&caps_of);
  if (count == 0 && dropped == 0) return false;
  napi_value payload = js_object(napi);
  js_set(napi, payload, "samples", samples);
  js_set(napi, payload, "dropped", js_number(napi, static_cast<double>(dropped)));
  pipeline->dispatch("samples", id, payload);
  return count == kBatch;
}

void Tap::drain() {
  armed = false;
  if (!take_batch() || armed.exchange(true)) return;
  env->later_fn([self = shared_from_this()](Env&) { self->drain(); });
}

// JS thread: the appsrc wants data again.
void Tap::hungry() {
  armed = false;
  if (const std::shared_ptr<Pipeline> pipeline = owner()) pipeline->dispatch("need", id, js_undefined(env->napi()));
}

Tap& tap_of(gpointer data) { return **static_cast<std::shared_ptr<Tap>*>(data); }

void free_tap(gpointer data) {
  auto* held = static_cast<std::shared_ptr<Tap>*>(data);
  (*held)->gone = true;
  delete held;
}

GstFlowReturn on_sample(GstAppSink*, gpointer data) {
  Tap& tap = tap_of(data);
  {
    const std::lock_guard<std::mutex> lock(tap.mutex);
    tap.arrived++;
  }
  tap.wake(&Tap::drain);
  return GST_FLOW_OK;
}

GstPadProbeReturn on_flush(GstPad*, GstPadProbeInfo* info, gpointer data) {
  if (GST_EVENT_TYPE(GST_PAD_PROBE_INFO_EVENT(info)) == GST_EVENT_FLUSH_STOP) tap_of(data).flushed();
  return GST_PAD_PROBE_OK;
}

// One flush probe per pad, however often JS starts and stops listening.
void watch_flush(GstAppSink* sink, std::shared_ptr<Tap>* tap) {
  const Strong<GstPad> pad(gst_element_get_static_pad(GST_ELEMENT(sink), "sink"));
  const gulong old = GPOINTER_TO_SIZE(g_object_get_data(G_OBJECT(pad.get()), kFlushProbe));
  if (old != 0) gst_pad_remove_probe(pad.get(), old);
  const gulong probe =
      tap != nullptr ? gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_EVENT_FLUSH, on_flush, tap, free_tap) : 0;
  g_object_set_data(G_OBJECT(pad.get()), kFlushProbe, GSIZE_TO_POINTER(probe));
}

std::shared_ptr<Tap> make_tap(Env& env, Pipeline& pipeline, GObject* element, uint32_t id) {
  auto tap = std::make_shared<Tap>();
  tap->pipeline = pipeline.weak_from_this();
  tap->env = env.shared_from_this();
  g_weak_ref_init(&tap->element, element);
  tap->id = id;
  return tap;
}

// (pipeline, appsink, id, limit, wait): false when it is no appsink. `wait` keeps everything and lets the pipeline
// wait for JS; otherwise the oldest is dropped when `limit` buffers wait.
napi_value samples_listen(Env& env, const Args& args) {
  Pipeline* pipeline = Pipeline::of(env.napi(), args[0]);
  const Strong<GObject> object(env.napi(), args[1]);
  if (pipeline == nullptr || pipeline->closed() || !object || !GST_IS_APP_SINK(object.get()))
    return js_bool(env.napi(), false);
  auto* sink = GST_APP_SINK(object.get());
  const auto tap = make_tap(env, *pipeline, object.get(), args.u32(2));
  tap->limit = args.u32(3);
  pipeline->watch(tap);
  gst_app_sink_set_max_buffers(sink, tap->limit);
  gst_app_sink_set_drop(sink, !args.boolean(4));
  watch_flush(sink, new std::shared_ptr<Tap>(tap));
  GstAppSinkCallbacks callbacks = {};
  callbacks.new_sample = on_sample;
  gst_app_sink_set_callbacks(sink, &callbacks, new std::shared_ptr<Tap>(tap), free_tap);
  tap->wake(&Tap::drain);  // what waited in the sink before anybody listened
  return js_bool(env.napi(), true);
}

// (appsink)
napi_value samples_ignore(Env& env, const Args& args) {
  const Strong<GObject> object(env.napi(), args[0]);
  GstAppSinkCallbacks none = {};
  if (!object || !GST_IS_APP_SINK(object.get())) return nullptr;
  gst_app_sink_set_callbacks(GST_APP_SINK(object.get()), &none, nullptr, nullptr);
  watch_flush(GST_APP_SINK(object.get()), nullptr);
  return nullptr;
}

// (pipeline, appsrc, id, limit in bytes): false when it is no appsrc.
napi_value feed_open(Env& env, const Args& args) {
  Pipeline* pipeline = Pipeline::of(env.napi(), args[0]);
  const Strong<GObject> object(env.napi(), args[1]);
  if (pipeline == nullptr || pipeline->closed() || !object || !GST_IS_APP_SRC(object.get()))
    return js_bool(env.napi(), false);
  auto* src = GST_APP_SRC(object.get());
  const auto tap = make_tap(env, *pipeline, object.get(), args.u32(2));
  // Never block: that would be the JS thread. Wanted again when half of it is gone.
  g_object_set(src, "block", FALSE, "max-bytes", static_cast<guint64>(args.number(3)), "min-percent", 50, nullptr);
  GstAppSrcCallbacks callbacks = {};
  callbacks.need_data = [](GstAppSrc*, guint, gpointer data) { tap_of(data).wake(&Tap::hungry); };
  gst_app_src_set_callbacks(src, &callbacks, new std::shared_ptr<Tap>(tap), free_tap);
  return js_bool(env.napi(), true);
}

const char* flow_name(GstFlowReturn flow) {
  if (flow == GST_FLOW_OK) return "ok";
  return flow == GST_FLOW_EOS ? "eos" : "flushing";
}

// (appsrc, buffer) -> {flow, full} | {expected} | null when it is gone
napi_value feed_push(Env& env, const Args& args) {
  napi_env napi = env.napi();
  const Strong<GObject> object(napi, args[0]);
  if (!object) return js_null(napi);
  auto* src = GST_APP_SRC(object.get());
  GValue value = G_VALUE_INIT;
  const std::string expected = from_js(napi, args[1], GST_TYPE_BUFFER, nullptr, &value);
  napi_value result = js_object(napi);
  if (!expected.empty() || g_value_get_boxed(&value) == nullptr) {
    js_set(napi, result, "expected", js_string(napi, "a Uint8Array or {data, pts, duration}"));
  } else {
    const GstFlowReturn flow = gst_app_src_push_buffer(src, static_cast<GstBuffer*>(g_value_dup_boxed(&value)));
    js_set(napi, result, "flow", js_string(napi, flow_name(flow)));
    js_set(napi, result, "full", js_bool(napi, gst_app_src_get_current_level_bytes(src) >= gst_app_src_get_max_bytes(src)));
  }
  if (G_IS_VALUE(&value)) g_value_unset(&value);
  return result;
}

// (appsrc)
napi_value feed_end(Env& env, const Args& args) {
  const Strong<GObject> object(env.napi(), args[0]);
  if (!object) return js_null(env.napi());
  return js_string(env.napi(), flow_name(gst_app_src_end_of_stream(GST_APP_SRC(object.get()))));
}

}  // namespace

int tap_count() { return live; }

void init_samples(Env& env, napi_value exports) {
  define<samples_listen>(env, exports, "samplesListen");
  define<samples_ignore>(env, exports, "samplesIgnore");
  define<feed_open>(env, exports, "feedOpen");
  define<feed_push>(env, exports, "feedPush");
  define<feed_end>(env, exports, "feedEnd");
}

}  // namespace talk
