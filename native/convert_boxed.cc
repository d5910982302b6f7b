// JS -> boxed GValues: buffers, samples, structures, caps and opaque boxes. See convert.h.
#include "convert_boxed.h"

#include <cstring>

#include "convert.h"
#include "handle.h"
#include "js.h"
#include "value.h"

namespace talk {
namespace {

/// The bytes of an ArrayBuffer, typed array, DataView or Buffer.
bool bytes_of(napi_env napi, napi_value value, void** data, size_t* size) {
  bool is = false;
  if (napi_is_typedarray(napi, value, &is) == napi_ok && is) {
    napi_typedarray_type type;
    size_t length = 0;
    if (napi_get_typedarray_info(napi, value, &type, &length, data, nullptr, nullptr) != napi_ok) return false;
    static const size_t width[] = {1, 1, 1, 2, 2, 4, 4, 4, 8, 8, 8};
    *size = length * width[type];
    return true;
  }
  if (napi_is_arraybuffer(napi, value, &is) == napi_ok && is)
    return napi_get_arraybuffer_info(napi, value, data, size) == napi_ok;
  return false;
}

/// A new buffer with a copy of the bytes, from bytes alone or from {data, pts, dts, duration, flags}.
GstBuffer* buffer_of(napi_env napi, napi_value value) {
  void* data = nullptr;
  size_t size = 0;
  const bool bare = bytes_of(napi, value, &data, &size);
  if (!bare && (js_type(napi, value) != napi_object || !bytes_of(napi, js_get(napi, value, "data"), &data, &size)))
    return nullptr;
  GstBuffer* buffer = gst_buffer_new_allocate(nullptr, size, nullptr);
  if (buffer == nullptr) return nullptr;
  if (size > 0) gst_buffer_fill(buffer, 0, data, size);
  if (bare) return buffer;
  GST_BUFFER_PTS(buffer) = js_to_time(napi, js_get(napi, value, "pts"));
  GST_BUFFER_DTS(buffer) = js_to_time(napi, js_get(napi, value, "dts"));
  GST_BUFFER_DURATION(buffer) = js_to_time(napi, js_get(napi, value, "duration"));
  const std::pair<const char*, GstBufferFlags> bits[] = {
      {"gap", GST_BUFFER_FLAG_GAP},       {"discont", GST_BUFFER_FLAG_DISCONT},
      {"header", GST_BUFFER_FLAG_HEADER}, {"delta", GST_BUFFER_FLAG_DELTA_UNIT},
      {"marker", GST_BUFFER_FLAG_MARKER},
  };
  for (const auto& [key, bit] : bits)
    if (js_to_bool(napi, js_get(napi, value, key))) GST_BUFFER_FLAG_SET(buffer, bit);
  return buffer;
}

std::string structure(napi_env napi, napi_value value, GValue* out) {
  std::string expected = "a structure like {name, fields} or in launch syntax";
  GstStructure* made = nullptr;
  if (js_type(napi, value) == napi_string) {
    made = gst_structure_from_string(js_to_string(napi, value).c_str(), nullptr);
  } else if (js_type(napi, value) == napi_object) {
    const std::string name = js_to_string(napi, js_get(napi, value, "name"));
    made = structure_from_js(napi, name.c_str(), js_get(napi, value, "fields"), &expected);
  }
  if (made == nullptr) return expected;
  g_value_take_boxed(out, made);
  return {};
}

std::string caps(napi_env napi, napi_value value, GValue* out) {
  GstCaps* made =
      js_type(napi, value) == napi_string ? gst_caps_from_string(js_to_string(napi, value).c_str()) : nullptr;
  if (made == nullptr) return "caps like video/x-raw, width=64";
  g_value_take_boxed(out, made);
  return {};
}

std::string strings(napi_env napi, napi_value value, GValue* out) {
  bool is_array = false;
  if (napi_is_array(napi, value, &is_array) != napi_ok || !is_array) return "an array of strings";
  uint32_t length = 0;
  napi_get_array_length(napi, value, &length);
  auto** made = g_new0(gchar*, length + 1);
  for (uint32_t i = 0; i < length; i++) {
    napi_value item = nullptr;
    napi_get_element(napi, value, i, &item);
    made[i] = g_strdup(js_to_string(napi, item).c_str());
  }
  g_value_take_boxed(out, made);
  return {};
}

std::string sample(napi_env napi, napi_value value, GValue* out) {
  GstBuffer* buffer = buffer_of(napi, value);
  if (buffer == nullptr) return "a sample like {data, caps, pts}";
  napi_value text = js_get(napi, value, "caps");
  GstCaps* caps = js_type(napi, text) == napi_string ? gst_caps_from_string(js_to_string(napi, text).c_str()) : nullptr;
  g_value_take_boxed(out, gst_sample_new(buffer, caps, nullptr, nullptr));
  gst_buffer_unref(buffer);
  if (caps != nullptr) gst_caps_unref(caps);
  return {};
}

}  // namespace

bool is_bytes(napi_env napi, napi_value value) {
  void* data = nullptr;
  size_t size = 0;
  return bytes_of(napi, value, &data, &size);
}

std::string boxed_from_js(napi_env napi, napi_value value, GType type, GValue* out) {
  if (js_is_nullish(napi, value)) return {};  // NULL is every boxed property's "unset"
  if (const GValue* held = boxed_get(napi, value)) {
    if (!g_type_is_a(G_VALUE_TYPE(held), type)) return std::string("a ") + g_type_name(type);
    g_value_copy(held, out);
    return {};
  }
  if (type == GST_TYPE_CAPS) return caps(napi, value, out);
  if (type == GST_TYPE_STRUCTURE) return structure(napi, value, out);
  if (type == G_TYPE_STRV) return strings(napi, value, out);
  if (type == GST_TYPE_SAMPLE) return sample(napi, value, out);
  if (type == GST_TYPE_BUFFER) {
    GstBuffer* buffer = buffer_of(napi, value);
    if (buffer == nullptr) return "a Uint8Array or {data, pts, duration}";
    g_value_take_boxed(out, buffer);
    return {};
  }
  if (type == G_TYPE_BYTES) {
    void* data = nullptr;
    size_t size = 0;
    if (!bytes_of(napi, value, &data, &size)) return "a Uint8Array";
    g_value_take_boxed(out, g_bytes_new(data, size));
    return {};
  }
  if (js_type(napi, value) == napi_string && gst_value_deserialize(out, js_to_string(napi, value).c_str())) return {};
  return std::string("a ") + g_type_name(type);
}

}  // namespace talk
