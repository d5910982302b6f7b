// GValue -> JS. See convert.h.
// GValueArray is deprecated and still what a few stock elements hand out.
#define GLIB_DISABLE_DEPRECATION_WARNINGS
#include <cstring>

#include "convert.h"
#include "handle.h"
#include "js.h"
#include "value.h"

namespace talk {
namespace {

template <typename At>
napi_value list(napi_env napi, guint size, At at) {
  napi_value array = js_array(napi);
  for (guint i = 0; i < size; i++) napi_set_element(napi, array, i, to_js(napi, at(i)));
  return array;
}

napi_value sample(napi_env napi, GstSample* sample) {
  GstBuffer* buffer = gst_sample_get_buffer(sample);
  napi_value object = buffer != nullptr ? buffer_to_js(napi, buffer) : js_object(napi);
  gchar* text = gst_caps_to_string(gst_sample_get_caps(sample));
  js_set(napi, object, "caps", js_string(napi, text));
  g_free(text);
  return object;
}

napi_value error(napi_env napi, const GError* error) {
  if (error == nullptr) return js_null(napi);
  napi_value object = js_object(napi);
  js_set(napi, object, "domain", js_string(napi, g_quark_to_string(error->domain)));
  js_set(napi, object, "code", js_number(napi, error->code));
  js_set(napi, object, "message", js_string(napi, error->message));
  return object;
}

napi_value old_array(napi_env napi, const GValue* value) {
  auto* array = static_cast<GValueArray*>(g_value_get_boxed(value));
  if (array == nullptr) return js_null(napi);
  return list(napi, array->n_values, [array](guint i) { return g_value_array_get_nth(array, i); });
}

napi_value structure(napi_env napi, const GstStructure* structure) {
  napi_value object = js_object(napi);
  js_set(napi, object, "name", js_string(napi, gst_structure_get_name(structure)));
  js_set(napi, object, "fields", fields_to_js(napi, structure));
  return object;
}

napi_value strings(napi_env napi, gchar** text) {
  napi_value array = js_array(napi);
  for (; *text != nullptr; text++) js_push(napi, array, js_string(napi, *text));
  return array;
}

napi_value boxed(napi_env napi, const GValue* value) {
  const GType type = G_VALUE_TYPE(value);
  void* raw = g_value_get_boxed(value);
  if (raw == nullptr) return js_null(napi);
  if (type == GST_TYPE_STRUCTURE) return structure(napi, gst_value_get_structure(value));
  if (type == GST_TYPE_TAG_LIST) return tags_to_js(napi, static_cast<GstTagList*>(raw));
  if (type == GST_TYPE_BUFFER) return buffer_to_js(napi, GST_BUFFER(raw));
  if (type == GST_TYPE_SAMPLE) return sample(napi, GST_SAMPLE(raw));
  if (type == G_TYPE_ERROR) return error(napi, static_cast<GError*>(raw));
  if (type == G_TYPE_STRV) return strings(napi, static_cast<gchar**>(raw));
  if (type == G_TYPE_VALUE_ARRAY) return old_array(napi, value);
  const bool textual = type == GST_TYPE_CAPS || type == G_TYPE_BYTES || type == G_TYPE_DATE ||
                       type == GST_TYPE_DATE_TIME || type == GST_TYPE_CAPS_FEATURES;
  return textual ? gvalue_to_js(napi, value) : boxed_to_js(napi, value);
}

}  // namespace

napi_valuetype js_type(napi_env napi, napi_value value) {
  napi_valuetype kind = napi_undefined;
  if (value != nullptr) napi_typeof(napi, value, &kind);
  return kind;
}

napi_value integer_to_js(napi_env napi, int64_t n) {
  if (n >= -kSafeInteger && n <= kSafeInteger) return js_number(napi, static_cast<double>(n));
  napi_value value = nullptr;
  napi_create_bigint_int64(napi, n, &value);
  return value;
}

napi_value uinteger_to_js(napi_env napi, uint64_t n) {
  if (n <= static_cast<uint64_t>(kSafeInteger)) return js_number(napi, static_cast<double>(n));
  napi_value value = nullptr;
  napi_create_bigint_uint64(napi, n, &value);
  return value;
}

napi_value to_js(napi_env napi, const GValue* value) {
  const GType type = G_VALUE_TYPE(value);
  if (type == GST_TYPE_BITMASK) return uinteger_to_js(napi, gst_value_get_bitmask(value));
  if (type == GST_TYPE_ARRAY)
    return list(napi, gst_value_array_get_size(value), [value](guint i) { return gst_value_array_get_value(value, i); });
  if (type == GST_TYPE_LIST)
    return list(napi, gst_value_list_get_size(value), [value](guint i) { return gst_value_list_get_value(value, i); });
  if (type == G_TYPE_GTYPE) return js_string(napi, g_type_name(g_value_get_gtype(value)));
  switch (G_TYPE_FUNDAMENTAL(type)) {
    case G_TYPE_LONG: return integer_to_js(napi, g_value_get_long(value));
    case G_TYPE_ULONG: return uinteger_to_js(napi, g_value_get_ulong(value));
    case G_TYPE_INT64: return integer_to_js(napi, g_value_get_int64(value));
    case G_TYPE_UINT64: return uinteger_to_js(napi, g_value_get_uint64(value));
    case G_TYPE_BOXED: return boxed(napi, value);
    case G_TYPE_OBJECT:
    case G_TYPE_INTERFACE: return handle_to_js(napi, static_cast<GObject*>(g_value_get_object(value)));
    case G_TYPE_POINTER: return js_null(napi);  // an untyped pointer means nothing outside C
    default: return gvalue_to_js(napi, value);
  }
}

napi_value fields_to_js(napi_env napi, const GstStructure* structure) {
  napi_value fields = js_object(napi);
  if (structure == nullptr) return fields;
  const int count = gst_structure_n_fields(structure);
  for (int i = 0; i < count; i++) {
    const gchar* name = gst_structure_nth_field_name(structure, i);
    js_set(napi, fields, name, to_js(napi, gst_structure_get_value(structure, name)));
  }
  return fields;
}

napi_value tags_to_js(napi_env napi, const GstTagList* tags) {
  napi_value object = js_object(napi);
  const int count = gst_tag_list_n_tags(tags);
  for (int i = 0; i < count; i++) {
    const gchar* name = gst_tag_list_nth_tag_name(tags, i);
    const guint size = gst_tag_list_get_tag_size(tags, name);
    napi_value value = size == 1 ? to_js(napi, gst_tag_list_get_value_index(tags, name, 0))
                                 : list(napi, size, [tags, name](guint k) { return gst_tag_list_get_value_index(tags, name, k); });
    js_set(napi, object, name, value);
  }
  return object;
}

napi_value bytes_to_js(napi_env napi, const void* data, size_t size) {
  void* memory = nullptr;
  napi_value buffer = nullptr;
  napi_value view = nullptr;
  if (napi_create_arraybuffer(napi, size, &memory, &buffer) != napi_ok) return js_undefined(napi);
  if (size > 0) memcpy(memory, data, size);
  napi_create_typedarray(napi, napi_uint8_array, size, buffer, 0, &view);
  return view;
}

napi_value buffer_to_js(napi_env napi, GstBuffer* buffer) {
  napi_value object = js_object(napi);
  GstMapInfo map;
  if (gst_buffer_map(buffer, &map, GST_MAP_READ)) {
    js_set(napi, object, "data", bytes_to_js(napi, map.data, map.size));
    gst_buffer_unmap(buffer, &map);
  } else {
    js_set(napi, object, "data", bytes_to_js(napi, nullptr, 0));
  }
  auto time = [&](const char* key, GstClockTime at) {
    if (GST_CLOCK_TIME_IS_VALID(at)) js_set(napi, object, key, time_to_js(napi, at));
  };
  time("pts", GST_BUFFER_PTS(buffer));
  time("dts", GST_BUFFER_DTS(buffer));
  time("duration", GST_BUFFER_DURATION(buffer));
  auto flag = [&](const char* key, GstBufferFlags bit) {
    if (GST_BUFFER_FLAG_IS_SET(buffer, bit)) js_set(napi, object, key, js_bool(napi, true));
  };
  flag("gap", GST_BUFFER_FLAG_GAP);
  flag("discont", GST_BUFFER_FLAG_DISCONT);
  flag("header", GST_BUFFER_FLAG_HEADER);
  flag("delta", GST_BUFFER_FLAG_DELTA_UNIT);
  flag("marker", GST_BUFFER_FLAG_MARKER);
  flag("corrupted", GST_BUFFER_FLAG_CORRUPTED);
  return object;
}

}  // namespace talk
