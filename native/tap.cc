// Small packets come by the hundred a second and per session, so a batch crosses as two buffers instead of an object
// per packet: all bytes one after the other, and three numbers each. The appsink's own queue is the bounded one; when
// it is full it drops the oldest, and the clock never waits for JS.
#include "tap.h"

#include <gst/app/gstappsink.h>
#include <gst/video/video.h>

#include <atomic>
#include <cmath>
#include <cstring>
#include <memory>
#include <vector>

#include "guard.h"
#include "handle.h"
#include "js.h"

namespace talk {

namespace {

std::atomic<int> live{0};

// Packets handed over in one turn of the JS loop; a key frame of 100 KB still fits one batch.
constexpr size_t kBatch = 128;
// Numbers per packet: bytes, running time (NaN: none), 1 when it can be decoded by itself.
constexpr size_t kNumbers = 3;

struct PacketTap : std::enable_shared_from_this<PacketTap> {
  std::shared_ptr<Env> env;
  GWeakRef sink;
  uint32_t id = 0;
  std::atomic<bool> armed{false};
  std::atomic<uint64_t> arrived{0};
  uint64_t taken = 0;  // JS thread only

  PacketTap() { live++; }
  ~PacketTap() {
    g_weak_ref_clear(&sink);
    live--;
  }
  void wake() {
    if (armed.exchange(true)) return;
    env->post_fn([self = shared_from_this()](Env&) { self->drain(); });
  }
  void drain();
};

napi_value pack(napi_env napi, const void* data, size_t size) {
  void* to = nullptr;
  napi_value buffer = nullptr;
  if (napi_create_arraybuffer(napi, size, &to, &buffer) != napi_ok) return js_null(napi);
  if (size > 0) memcpy(to, data, size);
  return buffer;
}

void append(GstSample* sample, std::vector<uint8_t>& bytes, std::vector<double>& numbers) {
  GstBuffer* buffer = gst_sample_get_buffer(sample);
  if (buffer == nullptr) return;
  const GstSegment* segment = gst_sample_get_segment(sample);
  GstClockTime running = GST_CLOCK_TIME_NONE;
  if (segment != nullptr && segment->format == GST_FORMAT_TIME) {
    running = gst_segment_to_running_time(segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer));
  }
  const size_t size = gst_buffer_get_size(buffer);
  const size_t at = bytes.size();
  bytes.resize(at + size);
  if (size > 0) gst_buffer_extract(buffer, 0, bytes.data() + at, size);  // a gap has none
  numbers.push_back(static_cast<double>(size));
  numbers.push_back(GST_CLOCK_TIME_IS_VALID(running) ? static_cast<double>(running) : NAN);
  numbers.push_back(GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT) ? 0 : 1);
  numbers.push_back(GST_BUFFER_DURATION_IS_VALID(buffer) ? static_cast<double>(GST_BUFFER_DURATION(buffer)) : NAN);
}

// JS thread: tap(id, bytes, numbers, dropped).
void PacketTap::drain() {
  armed = false;
  const Strong<GstAppSink> element(static_cast<GstAppSink*>(g_weak_ref_get(&sink)));
  if (!element) return;
  std::vector<uint8_t> bytes;
  std::vector<double> numbers;
  uint64_t dropped = 0;
  size_t count = 0;
  for (; count < kBatch; count++) {
    const uint64_t before = arrived;
    GstSample* sample = gst_app_sink_try_pull_sample(element.get(), 0);
    if (sample == nullptr) {
      // All that had arrived is either out or was dropped for want of room.
      if (before > taken) dropped = before - taken;
      taken += dropped;
      break;
    }
    taken++;
    append(sample, bytes, numbers);
    gst_sample_unref(sample);
  }
  if (count == kBatch) wake();
  if (count == 0 && dropped == 0) return;
  napi_env napi = env->napi();
  const napi_value argv[] = {
      js_number(napi, id),
      pack(napi, bytes.data(), bytes.size()),
      pack(napi, numbers.data(), numbers.size() * sizeof(double)),
      js_number(napi, static_cast<double>(dropped)),
  };
  env->call(JsEntry::kTaps, 4, argv);
}

// (appsink, id, limit): false when it is no appsink.
napi_value tap_open(Env& env, const Args& args) {
  const Strong<GObject> object(env.napi(), args[0]);
  if (!object || !GST_IS_APP_SINK(object.get())) return js_bool(env.napi(), false);
  auto* sink = GST_APP_SINK(object.get());
  auto tap = std::make_shared<PacketTap>();
  tap->env = env.shared_from_this();
  g_weak_ref_init(&tap->sink, sink);
  tap->id = args.u32(1);
  gst_app_sink_set_max_buffers(sink, args.u32(2));
  gst_app_sink_set_drop(sink, TRUE);
  GstAppSinkCallbacks callbacks = {};
  callbacks.new_sample = [](GstAppSink*, gpointer data) {
    PacketTap& tap = **static_cast<std::shared_ptr<PacketTap>*>(data);
    tap.arrived++;
    tap.wake();
    return GST_FLOW_OK;
  };
  gst_app_sink_set_callbacks(sink, &callbacks, new std::shared_ptr<PacketTap>(tap), [](gpointer data) {
    delete static_cast<std::shared_ptr<PacketTap>*>(data);
  });
  tap->wake();  // what waited before anybody listened
  return js_bool(env.napi(), true);
}

// (appsink)
napi_value tap_close(Env& env, const Args& args) {
  const Strong<GObject> object(env.napi(), args[0]);
  GstAppSinkCallbacks none = {};
  if (object && GST_IS_APP_SINK(object.get())) {
    gst_app_sink_set_callbacks(GST_APP_SINK(object.get()), &none, nullptr, nullptr);
  }
  return nullptr;
}

// (function): what batches are given to.
napi_value connect_taps(Env& env, const Args& args) {
  env.set_entry(JsEntry::kTaps, args[0]);
  return nullptr;
}

// (element): asks the encoder behind its pads for a key frame, parameter sets included. On another thread: the event
// may go a long way up, and the JS thread must not wait for a lock on it.
napi_value part_key_frame(Env& env, const Args& args) {
  const Strong<GstElement> element(env.napi(), args[0]);
  if (!element) return nullptr;
  gst_element_call_async(
      element.get(),
      [](GstElement* part, gpointer) {
        GstEvent* event = gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, TRUE, 0);
        gst_element_send_event(part, event);
      },
      nullptr, nullptr);
  return nullptr;
}

struct Join {
  GstElement* from;
  ~Join() { gst_object_unref(from); }
};

// (element, element): starts the second and all that was added beside it, and links the first to it. On another thread: a
// state change has no place on the JS thread.
napi_value part_join(Env& env, const Args& args) {
  const Strong<GstElement> from(env.napi(), args[0]);
  const Strong<GstElement> to(env.napi(), args[1]);
  if (!from || !to) return nullptr;
  gst_element_call_async(
      to.get(),
      [](GstElement* part, gpointer data) {
        const Strong<GstObject> parent(gst_object_get_parent(GST_OBJECT(part)));
        if (!parent) return;  // the bin was closed meanwhile
        if (!guard_start(GST_BIN(parent.get())) || !gst_element_link(static_cast<Join*>(data)->from, part)) {
          GST_ELEMENT_ERROR(part, CORE, PAD, ("A branch could not be added while running."), (nullptr));
        }
      },
      new Join{GST_ELEMENT(gst_object_ref(from.get()))}, [](gpointer data) { delete static_cast<Join*>(data); });
  return nullptr;
}

// (element, pad, ns): shifts what leaves or enters by this much running time; negative is earlier. False: no such pad.
napi_value part_offset(Env& env, const Args& args) {
  const Strong<GstElement> element(env.napi(), args[0]);
  if (!element) return js_bool(env.napi(), false);
  const Strong<GstPad> pad(gst_element_get_static_pad(element.get(), args.string(1).c_str()));
  if (!pad) return js_bool(env.napi(), false);
  gst_pad_set_offset(pad.get(), args.int64(2));
  return js_bool(env.napi(), true);
}

}  // namespace

int packet_tap_count() { return live; }

void init_taps(Env& env, napi_value exports) {
  define<connect_taps>(env, exports, "connectTaps");
  define<tap_open>(env, exports, "tapOpen");
  define<tap_close>(env, exports, "tapClose");
  define<part_key_frame>(env, exports, "partKeyFrame");
  define<part_join>(env, exports, "partJoin");
  define<part_offset>(env, exports, "partOffset");
}

}  // namespace talk
