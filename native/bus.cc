#include "bus.h"

#include <utility>

#include "convert.h"
#include "js.h"
#include "value.h"

namespace talk {

namespace {

bool droppable(const BusItem& item) {
  if (item.message == nullptr) return false;
  switch (GST_MESSAGE_TYPE(item.message)) {
    case GST_MESSAGE_TAG:
    case GST_MESSAGE_QOS:
    case GST_MESSAGE_PROGRESS:
    case GST_MESSAGE_BUFFERING:
    case GST_MESSAGE_ELEMENT:
    case GST_MESSAGE_APPLICATION:
    case GST_MESSAGE_PROPERTY_NOTIFY:
      return true;
    default:
      return false;
  }
}

void report(napi_env napi, napi_value object, GstMessage* message) {
  GError* error = nullptr;
  gchar* debug = nullptr;
  const GstStructure* details = nullptr;
  switch (GST_MESSAGE_TYPE(message)) {
    case GST_MESSAGE_ERROR:
      gst_message_parse_error(message, &error, &debug);
      gst_message_parse_error_details(message, &details);
      break;
    case GST_MESSAGE_WARNING:
      gst_message_parse_warning(message, &error, &debug);
      gst_message_parse_warning_details(message, &details);
      break;
    default:
      gst_message_parse_info(message, &error, &debug);
      gst_message_parse_info_details(message, &details);
  }
  js_set(napi, object, "domain", js_string(napi, g_quark_to_string(error->domain)));
  js_set(napi, object, "code", js_number(napi, error->code));
  js_set(napi, object, "message", js_string(napi, error->message));
  if (debug != nullptr) js_set(napi, object, "debug", js_string(napi, debug));
  if (details != nullptr) js_set(napi, object, "details", fields_to_js(napi, details));
  g_clear_error(&error);
  g_free(debug);
}

void state(napi_env napi, napi_value object, GstMessage* message) {
  GstState from = GST_STATE_NULL;
  GstState to = GST_STATE_NULL;
  GstState pending = GST_STATE_VOID_PENDING;
  gst_message_parse_state_changed(message, &from, &to, &pending);
  js_set(napi, object, "from", js_number(napi, from));
  js_set(napi, object, "to", js_number(napi, to));
  js_set(napi, object, "pending", js_number(napi, pending));
}

void tag(napi_env napi, napi_value object, GstMessage* message) {
  GstTagList* tags = nullptr;
  gst_message_parse_tag(message, &tags);
  js_set(napi, object, "tags", tags_to_js(napi, tags));
  gst_tag_list_unref(tags);
}

void progress(napi_env napi, napi_value object, GstMessage* message) {
  static const char* const kinds[] = {"start", "continue", "complete", "canceled", "error"};
  GstProgressType kind = GST_PROGRESS_TYPE_START;
  gchar* code = nullptr;
  gchar* text = nullptr;
  gst_message_parse_progress(message, &kind, &code, &text);
  js_set(napi, object, "kind", js_string(napi, kinds[CLAMP(static_cast<int>(kind), 0, 4)]));
  js_set(napi, object, "code", js_string(napi, code));
  js_set(napi, object, "text", js_string(napi, text));
  g_free(code);
  g_free(text);
}

void qos(napi_env napi, napi_value object, GstMessage* message) {
  gboolean live = FALSE;
  guint64 running = 0;
  guint64 stream = 0;
  guint64 timestamp = 0;
  guint64 duration = 0;
  gint64 jitter = 0;
  gdouble proportion = 0;
  gint quality = 0;
  GstFormat format = GST_FORMAT_UNDEFINED;
  guint64 processed = 0;
  guint64 dropped = 0;
  gst_message_parse_qos(message, &live, &running, &stream, &timestamp, &duration);
  gst_message_parse_qos_values(message, &jitter, &proportion, &quality);
  gst_message_parse_qos_stats(message, &format, &processed, &dropped);
  js_set(napi, object, "live", js_bool(napi, live));
  js_set(napi, object, "runningTime", time_to_js(napi, running));
  js_set(napi, object, "streamTime", time_to_js(napi, stream));
  js_set(napi, object, "timestamp", time_to_js(napi, timestamp));
  js_set(napi, object, "duration", time_to_js(napi, duration));
  js_set(napi, object, "jitter", js_number(napi, static_cast<double>(jitter)));
  js_set(napi, object, "proportion", js_number(napi, proportion));
  // -1 of an unsigned count is "unknown".
  js_set(napi, object, "processed", time_to_js(napi, processed));
  js_set(napi, object, "dropped", time_to_js(napi, dropped));
}

void structure(napi_env napi, napi_value object, GstMessage* message) {
  const GstStructure* body = gst_message_get_structure(message);
  js_set(napi, object, "name", js_string(napi, body != nullptr ? gst_structure_get_name(body) : ""));
  js_set(napi, object, "fields", fields_to_js(napi, body));
}

void property(napi_env napi, napi_value object, GstMessage* message) {
  const gchar* name = nullptr;
  const GValue* value = nullptr;
  gst_message_parse_property_notify(message, nullptr, &name, &value);
  js_set(napi, object, "name", js_string(napi, name));
  if (value != nullptr) js_set(napi, object, "value", to_js(napi, value));
}

void buffering(napi_env napi, napi_value object, GstMessage* message) {
  gint percent = 0;
  gst_message_parse_buffering(message, &percent);
  js_set(napi, object, "percent", js_number(napi, percent));
}

struct Kind {
  GstMessageType type;
  const char* name;
  void (*fill)(napi_env, napi_value, GstMessage*);
};

const Kind kKinds[] = {
    {GST_MESSAGE_ERROR, "error", report},
    {GST_MESSAGE_WARNING, "warning", report},
    {GST_MESSAGE_INFO, "info", report},
    {GST_MESSAGE_EOS, "eos", nullptr},
    {GST_MESSAGE_STATE_CHANGED, "state", state},
    {GST_MESSAGE_ASYNC_DONE, "async-done", nullptr},
    {GST_MESSAGE_TAG, "tag", tag},
    {GST_MESSAGE_BUFFERING, "buffering", buffering},
    {GST_MESSAGE_PROGRESS, "progress", progress},
    {GST_MESSAGE_QOS, "qos", qos},
    {GST_MESSAGE_ELEMENT, "element", structure},
    {GST_MESSAGE_APPLICATION, "element", structure},
    {GST_MESSAGE_PROPERTY_NOTIFY, "property", property},
    {GST_MESSAGE_STREAM_START, "stream-start", nullptr},
    {GST_MESSAGE_SEGMENT_DONE, "segment-done", nullptr},
    {GST_MESSAGE_DURATION_CHANGED, "duration", nullptr},
};

const Kind* kind_of(GstMessage* message) {
  for (const Kind& kind : kKinds)
    if (kind.type == GST_MESSAGE_TYPE(message)) return &kind;
  return nullptr;
}

}  // namespace

bool bus_wants(GstElement* pipeline, GstMessage* message) {
  const Kind* kind = kind_of(message);
  if (kind == nullptr) return false;
  // Every element tells its state; only the pipeline's own is news.
  const bool own = kind->type == GST_MESSAGE_STATE_CHANGED || kind->type == GST_MESSAGE_EOS ||
                   kind->type == GST_MESSAGE_ASYNC_DONE || kind->type == GST_MESSAGE_STREAM_START;
  return !own || GST_MESSAGE_SRC(message) == GST_OBJECT(pipeline);
}

bool BusQueue::push(BusItem item) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (items_.size() >= kMost && droppable(item)) {
    dropped_++;
    gst_message_unref(item.message);
    return false;
  }
  items_.push_back(std::move(item));
  return !std::exchange(armed_, true);
}

std::vector<BusItem> BusQueue::take(bool* more, size_t* dropped) {
  std::lock_guard<std::mutex> lock(mutex_);
  std::vector<BusItem> batch;
  while (!items_.empty() && batch.size() < kBatch) {
    batch.push_back(std::move(items_.front()));
    items_.pop_front();
  }
  *dropped = std::exchange(dropped_, 0);
  *more = !items_.empty();
  armed_ = *more;
  return batch;
}

size_t BusQueue::batches() {
  std::lock_guard<std::mutex> lock(mutex_);
  return (items_.size() + kBatch - 1) / kBatch;
}

void BusQueue::clear() {
  std::deque<BusItem> items;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    items.swap(items_);
  }
  for (const BusItem& item : items)
    if (item.message != nullptr) gst_message_unref(item.message);
}

napi_value bus_item_to_js(napi_env napi, const BusItem& item) {
  napi_value object = js_object(napi);
  if (item.message == nullptr) {
    js_set(napi, object, "type", js_string(napi, "latency"));
    js_set(napi, object, "live", js_bool(napi, item.live));
    js_set(napi, object, "min", time_to_js(napi, item.min_latency));
    js_set(napi, object, "max", time_to_js(napi, item.max_latency));
    return object;
  }
  const Kind* kind = kind_of(item.message);
  js_set(napi, object, "type", js_string(napi, kind->name));
  js_set(napi, object, "element", js_string(napi, item.path));
  if (kind->fill != nullptr) kind->fill(napi, object, item.message);
  return object;
}

}  // namespace talk
