// What passes through a pad: how much, and how far behind the clock. A probe on the streaming thread that takes one lock
// and two times of the clock for each buffer; only pads that somebody looks at have one.
#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <mutex>
#include <vector>

#include "convert.h"
#include "edit.h"
#include "handle.h"
#include "js.h"

namespace talk {

namespace {

// Ages that are kept: ten seconds of pictures, five of sound in pieces of 20 ms.
constexpr size_t kKept = 256;

struct Meter {
  explicit Meter(GstPad* pad) { g_weak_ref_init(&ref, pad); }
  ~Meter() { g_weak_ref_clear(&ref); }
  GWeakRef ref;
  gulong probe = 0;
  std::mutex mutex;
  // Guarded by it.
  uint64_t buffers = 0, bytes = 0, gaps = 0;
  std::array<GstClockTimeDiff, kKept> ages = {};
  uint64_t aged = 0;
};

using SharedMeter = std::shared_ptr<Meter>;

void free_meter(gpointer data) { delete static_cast<SharedMeter*>(data); }

// Running time of now minus that of the buffer; false where one of them is not known.
bool age_of(GstPad* pad, GstBuffer* buffer, GstClockTimeDiff* age) {
  if (!GST_BUFFER_PTS_IS_VALID(buffer)) return false;
  const Strong<GstElement> owner(gst_pad_get_parent_element(pad));
  if (!owner) return false;
  const GstClockTime now = gst_element_get_current_running_time(owner.get());
  GstEvent* event = gst_pad_get_sticky_event(pad, GST_EVENT_SEGMENT, 0);
  if (event == nullptr) return false;
  const GstSegment* segment = nullptr;
  gst_event_parse_segment(event, &segment);
  uint64_t then = 0;
  // Before the segment's start is a time, too.
  const int sign = segment->format == GST_FORMAT_TIME
                       ? gst_segment_to_running_time_full(segment, GST_FORMAT_TIME, GST_BUFFER_PTS(buffer), &then)
                       : 0;
  gst_event_unref(event);
  if (sign == 0 || !GST_CLOCK_TIME_IS_VALID(now)) return false;
  *age = static_cast<GstClockTimeDiff>(now) - sign * static_cast<GstClockTimeDiff>(then);
  return true;
}

GstPadProbeReturn on_data(GstPad* pad, GstPadProbeInfo* info, gpointer data) {
  GstBuffer* buffer = nullptr;
  uint64_t count = 1;
  uint64_t size = 0;
  if ((GST_PAD_PROBE_INFO_TYPE(info) & GST_PAD_PROBE_TYPE_BUFFER_LIST) != 0) {
    GstBufferList* list = GST_PAD_PROBE_INFO_BUFFER_LIST(info);
    count = gst_buffer_list_length(list);
    if (count == 0) return GST_PAD_PROBE_OK;
    buffer = gst_buffer_list_get(list, 0);
    size = gst_buffer_list_calculate_size(list);
  } else {
    buffer = GST_PAD_PROBE_INFO_BUFFER(info);
    size = gst_buffer_get_size(buffer);
  }
  GstClockTimeDiff age = 0;
  const bool aged = age_of(pad, buffer, &age);
  Meter& meter = **static_cast<SharedMeter*>(data);
  const std::lock_guard<std::mutex> lock(meter.mutex);
  meter.buffers += count;
  meter.bytes += size;
  if (GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_GAP)) meter.gaps += count;
  if (aged) meter.ages[meter.aged++ % kKept] = age;
  return GST_PAD_PROBE_OK;
}

void close_meter(Meter& meter) {
  const Strong<GstPad> pad(static_cast<GstPad*>(g_weak_ref_get(&meter.ref)));
  if (pad && meter.probe != 0) gst_pad_remove_probe(pad.get(), meter.probe);
  meter.probe = 0;
}

// (pad) -> meter; null when the pad is gone.
napi_value meter_open(Env& env, const Args& args) {
  napi_env napi = env.napi();
  const Strong<GstPad> pad(napi, args[0]);
  if (!pad) return js_null(napi);
  const SharedMeter meter = std::make_shared<Meter>(pad.get());
  constexpr auto kData = static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_BUFFER | GST_PAD_PROBE_TYPE_BUFFER_LIST);
  meter->probe = gst_pad_add_probe(pad.get(), kData, on_data, new SharedMeter(meter), free_meter);
  napi_value external = nullptr;
  napi_create_external(
      napi, new SharedMeter(meter),
      [](napi_env, void* data, void*) {
        close_meter(**static_cast<SharedMeter*>(data));
        free_meter(data);
      },
      nullptr, &external);
  return external;
}

Meter* meter_of(napi_env napi, napi_value value) {
  void* data = nullptr;
  const bool got = napi_get_value_external(napi, value, &data) == napi_ok && data != nullptr;
  return got ? static_cast<SharedMeter*>(data)->get() : nullptr;
}

// (meter) -> {buffers, bytes, gaps, ages}: the ages in ns, those kept, in no order.
napi_value meter_read(Env& env, const Args& args) {
  napi_env napi = env.napi();
  Meter* meter = meter_of(napi, args[0]);
  if (meter == nullptr) return js_null(napi);
  std::vector<double> ages;
  napi_value read = js_object(napi);
  {
    const std::lock_guard<std::mutex> lock(meter->mutex);
    const size_t kept = std::min<uint64_t>(meter->aged, kKept);
    ages.assign(meter->ages.begin(), meter->ages.begin() + static_cast<std::ptrdiff_t>(kept));
    js_set(napi, read, "buffers", js_number(napi, static_cast<double>(meter->buffers)));
    js_set(napi, read, "bytes", js_number(napi, static_cast<double>(meter->bytes)));
    js_set(napi, read, "gaps", js_number(napi, static_cast<double>(meter->gaps)));
  }
  napi_value list = js_array(napi);
  for (const double age : ages) js_push(napi, list, js_number(napi, age));
  js_set(napi, read, "ages", list);
  return read;
}

// (meter)
napi_value meter_close(Env& env, const Args& args) {
  if (Meter* meter = meter_of(env.napi(), args[0])) close_meter(*meter);
  return nullptr;
}

}  // namespace

void init_meters(Env& env, napi_value exports) {
  define<meter_open>(env, exports, "meterOpen");
  define<meter_read>(env, exports, "meterRead");
  define<meter_close>(env, exports, "meterClose");
}

}  // namespace talk
