#include "value.h"

#include <cmath>
#include <cstring>

#include "js.h"

namespace talk {

namespace {

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
  GstMapInfo map;
  if (buffer == nullptr || !gst_buffer_map(buffer, &map, GST_MAP_READ)) return js_null(napi);
  napi_value view = bytes_to_js(napi, map.data, map.size);
  gst_buffer_unmap(buffer, &map);
  return view;
}

napi_value fraction_to_js(napi_env napi, int num, int den) {
  napi_value object = js_object(napi);
  js_set(napi, object, "num", js_number(napi, num));
  js_set(napi, object, "den", js_number(napi, den));
  return object;
}

napi_value range_to_js(napi_env napi, napi_value min, napi_value max, double step) {
  napi_value object = js_object(napi);
  js_set(napi, object, "min", min);
  js_set(napi, object, "max", max);
  if (step != 1) js_set(napi, object, "step", js_number(napi, step));
  return object;
}

napi_value flags_to_js(napi_env napi, const GValue* value) {
  auto* type = static_cast<GFlagsClass*>(g_type_class_ref(G_VALUE_TYPE(value)));
  guint rest = g_value_get_flags(value);
  std::string text;
  for (guint i = 0; i < type->n_values; i++) {
    const GFlagsValue& flag = type->values[i];
    if (flag.value == 0 ? rest != 0 || !text.empty() : (rest & flag.value) != flag.value) continue;
    if (!text.empty()) text += '+';
    text += flag.value_nick;
    rest &= ~flag.value;
  }
  g_type_class_unref(type);
  return js_string(napi, text);
}

napi_value object_to_js(napi_env napi, const GValue* value) {
  auto* object = static_cast<GObject*>(g_value_get_object(value));
  if (object == nullptr) return js_null(napi);
  napi_value result = js_object(napi);
  js_set(napi, result, "type", js_string(napi, G_OBJECT_TYPE_NAME(object)));
  if (GST_IS_OBJECT(object)) {
    gchar* name = gst_object_get_name(GST_OBJECT(object));
    js_set(napi, result, "name", js_string(napi, name));
    g_free(name);
  }
  return result;
}

napi_value fundamental_to_js(napi_env napi, const GValue* value) {
  switch (G_TYPE_FUNDAMENTAL(G_VALUE_TYPE(value))) {
    case G_TYPE_BOOLEAN:
      return js_bool(napi, g_value_get_boolean(value));
    case G_TYPE_CHAR:
      return js_number(napi, g_value_get_schar(value));
    case G_TYPE_UCHAR:
      return js_number(napi, g_value_get_uchar(value));
    case G_TYPE_INT:
      return js_number(napi, g_value_get_int(value));
    case G_TYPE_UINT:
      return js_number(napi, g_value_get_uint(value));
    case G_TYPE_LONG:
      return js_number(napi, static_cast<double>(g_value_get_long(value)));
    case G_TYPE_ULONG:
      return js_number(napi, static_cast<double>(g_value_get_ulong(value)));
    case G_TYPE_INT64:
      return js_number(napi, static_cast<double>(g_value_get_int64(value)));
    case G_TYPE_UINT64:
      return js_number(napi, static_cast<double>(g_value_get_uint64(value)));
    case G_TYPE_FLOAT:
      return js_number(napi, g_value_get_float(value));
    case G_TYPE_DOUBLE:
      return js_number(napi, g_value_get_double(value));
    case G_TYPE_STRING:
      return js_string(napi, g_value_get_string(value));
    case G_TYPE_ENUM: {
      auto* type = static_cast<GEnumClass*>(g_type_class_ref(G_VALUE_TYPE(value)));
      const GEnumValue* found = g_enum_get_value(type, g_value_get_enum(value));
      napi_value nick =
          found != nullptr ? js_string(napi, found->value_nick) : js_number(napi, g_value_get_enum(value));
      g_type_class_unref(type);
      return nick;
    }
    case G_TYPE_FLAGS:
      return flags_to_js(napi, value);
    case G_TYPE_OBJECT:
      return object_to_js(napi, value);
    default:
      return nullptr;
  }
}

template <typename Size, typename At>
napi_value list_to_js(napi_env napi, const GValue* value, Size size, At at) {
  napi_value list = js_array(napi);
  for (guint i = 0; i < size(value); i++) js_push(napi, list, gvalue_to_js(napi, at(value, i)));
  return list;
}

// Writes a JS scalar into a new GValue of the type that suits it; false when it is not a scalar.
bool scalar_to_gvalue(napi_env napi, napi_value js, GValue* value) {
  napi_valuetype type = napi_undefined;
  napi_typeof(napi, js, &type);
  if (type == napi_boolean) {
    g_value_init(value, G_TYPE_BOOLEAN);
    g_value_set_boolean(value, js_to_bool(napi, js));
  } else if (type == napi_string) {
    g_value_init(value, G_TYPE_STRING);
    g_value_set_string(value, js_to_string(napi, js).c_str());
  } else if (type == napi_bigint) {
    bool lossless = false;
    int64_t number = 0;
    napi_get_value_bigint_int64(napi, js, &number, &lossless);
    g_value_init(value, G_TYPE_INT64);
    g_value_set_int64(value, number);
  } else if (type == napi_number) {
    const double number = js_to_number(napi, js);
    if (std::trunc(number) != number || std::abs(number) > 9007199254740992.0) {
      g_value_init(value, G_TYPE_DOUBLE);
      g_value_set_double(value, number);
    } else if (number >= G_MININT && number <= G_MAXINT) {
      g_value_init(value, G_TYPE_INT);
      g_value_set_int(value, static_cast<gint>(number));
    } else {
      g_value_init(value, G_TYPE_INT64);
      g_value_set_int64(value, static_cast<gint64>(number));
    }
  } else {
    return false;
  }
  return true;
}

// A JS array of scalars as a GStreamer array.
bool list_to_gvalue(napi_env napi, napi_value js, GValue* value) {
  bool is_array = false;
  uint32_t length = 0;
  if (napi_is_array(napi, js, &is_array) != napi_ok || !is_array) return false;
  g_value_init(value, GST_TYPE_ARRAY);
  napi_get_array_length(napi, js, &length);
  for (uint32_t i = 0; i < length; i++) {
    napi_value item = nullptr;
    GValue one = G_VALUE_INIT;
    napi_get_element(napi, js, i, &item);
    if (scalar_to_gvalue(napi, item, &one)) gst_value_array_append_and_take_value(value, &one);
  }
  return true;
}

}  // namespace

napi_value gvalue_to_js(napi_env napi, const GValue* value) {
  if (value == nullptr || !G_IS_VALUE(value)) return js_undefined(napi);
  const GType type = G_VALUE_TYPE(value);
  if (type == GST_TYPE_FRACTION) {
    return fraction_to_js(napi, gst_value_get_fraction_numerator(value), gst_value_get_fraction_denominator(value));
  }
  if (type == GST_TYPE_INT_RANGE) {
    return range_to_js(napi, js_number(napi, gst_value_get_int_range_min(value)),
                       js_number(napi, gst_value_get_int_range_max(value)), gst_value_get_int_range_step(value));
  }
  if (type == GST_TYPE_INT64_RANGE) {
    return range_to_js(napi, js_number(napi, static_cast<double>(gst_value_get_int64_range_min(value))),
                       js_number(napi, static_cast<double>(gst_value_get_int64_range_max(value))),
                       static_cast<double>(gst_value_get_int64_range_step(value)));
  }
  if (type == GST_TYPE_DOUBLE_RANGE) {
    return range_to_js(napi, js_number(napi, gst_value_get_double_range_min(value)),
                       js_number(napi, gst_value_get_double_range_max(value)), 1);
  }
  if (type == GST_TYPE_FRACTION_RANGE) {
    return range_to_js(napi, gvalue_to_js(napi, gst_value_get_fraction_range_min(value)),
                       gvalue_to_js(napi, gst_value_get_fraction_range_max(value)), 1);
  }
  if (type == GST_TYPE_LIST) return list_to_js(napi, value, gst_value_list_get_size, gst_value_list_get_value);
  if (type == GST_TYPE_ARRAY) return list_to_js(napi, value, gst_value_array_get_size, gst_value_array_get_value);
  if (type == GST_TYPE_BUFFER) return buffer_to_js(napi, gst_value_get_buffer(value));
  if (type == G_TYPE_BYTES) {
    gsize size = 0;
    auto* bytes = static_cast<GBytes*>(g_value_get_boxed(value));
    if (bytes == nullptr) return js_null(napi);
    const void* data = g_bytes_get_data(bytes, &size);
    return bytes_to_js(napi, data, size);
  }
  if (type == GST_TYPE_CAPS || type == GST_TYPE_STRUCTURE) {
    if (g_value_get_boxed(value) == nullptr) return js_null(napi);
    gchar* text = type == GST_TYPE_CAPS ? gst_caps_to_string(gst_value_get_caps(value))
                                        : gst_structure_to_string(gst_value_get_structure(value));
    napi_value result = js_string(napi, text);
    g_free(text);
    return result;
  }
  if (napi_value simple = fundamental_to_js(napi, value)) return simple;
  gchar* text = gst_value_serialize(value);
  napi_value result = js_string(napi, text);
  g_free(text);
  return result;
}

std::string js_to_gvalue(napi_env napi, napi_value js, GValue* value) {
  const GType type = G_VALUE_TYPE(value);
  napi_valuetype given = napi_undefined;
  napi_typeof(napi, js, &given);
  const GType kind = G_TYPE_FUNDAMENTAL(type);

  if (given == napi_null || given == napi_undefined) {
    if (kind != G_TYPE_STRING && kind != G_TYPE_BOXED && kind != G_TYPE_OBJECT) {
      return std::string("expected a value of type ") + g_type_name(type) + " but received none";
    }
    g_value_reset(value);
    return {};
  }
  if (kind == G_TYPE_STRING) {
    if (given != napi_string) return "expected a string";
    g_value_set_string(value, js_to_string(napi, js).c_str());
    return {};
  }
  if (given == napi_string) {
    const std::string text = js_to_string(napi, js);
    if (!gst_value_deserialize(value, text.c_str())) {
      return "\"" + text + "\" is not a value of type " + g_type_name(type);
    }
    return {};
  }
  bool is_view = false;
  napi_is_typedarray(napi, js, &is_view);
  if (is_view && (type == G_TYPE_BYTES || type == GST_TYPE_BUFFER)) {
    size_t size = 0;
    void* data = nullptr;
    napi_typedarray_type element;
    napi_get_typedarray_info(napi, js, &element, &size, &data, nullptr, nullptr);
    if (element != napi_uint8_array) return "expected a Uint8Array";
    if (type == G_TYPE_BYTES) {
      g_value_take_boxed(value, g_bytes_new(data, size));
    } else {
      GstBuffer* buffer = gst_buffer_new_allocate(nullptr, size, nullptr);
      gst_buffer_fill(buffer, 0, data, size);
      g_value_take_boxed(value, buffer);
    }
    return {};
  }
  GValue scalar = G_VALUE_INIT;
  if (!scalar_to_gvalue(napi, js, &scalar)) return std::string("cannot be made a value of type ") + g_type_name(type);
  if (kind == G_TYPE_BOOLEAN && G_VALUE_TYPE(&scalar) != G_TYPE_BOOLEAN) {
    g_value_unset(&scalar);
    return "expected true or false";
  }
  const bool done = g_value_transform(&scalar, value);
  g_value_unset(&scalar);
  return done ? std::string() : std::string("cannot be made a value of type ") + g_type_name(type);
}

napi_value structure_to_js(napi_env napi, const GstStructure* structure) {
  napi_value fields = js_object(napi);
  if (structure == nullptr) return fields;
  for (gint i = 0; i < gst_structure_n_fields(structure); i++) {
    const char* name = gst_structure_nth_field_name(structure, static_cast<guint>(i));
    js_set(napi, fields, name, gvalue_to_js(napi, gst_structure_get_value(structure, name)));
  }
  return fields;
}

GstStructure* js_to_structure(napi_env napi, const char* name, napi_value fields) {
  GstStructure* structure = gst_structure_new_empty(name);
  napi_value keys = nullptr;
  uint32_t count = 0;
  if (structure == nullptr || js_is_nullish(napi, fields)) return structure;
  if (napi_get_property_names(napi, fields, &keys) != napi_ok) return structure;
  napi_get_array_length(napi, keys, &count);
  for (uint32_t i = 0; i < count; i++) {
    napi_value key = nullptr;
    napi_value field = nullptr;
    napi_get_element(napi, keys, i, &key);
    napi_get_property(napi, fields, key, &field);
    GValue value = G_VALUE_INIT;
    // Null, undefined and records: the field is left out.
    if (!scalar_to_gvalue(napi, field, &value) && !list_to_gvalue(napi, field, &value)) continue;
    gst_structure_take_value(structure, js_to_string(napi, key).c_str(), &value);
  }
  return structure;
}

napi_value caps_to_js(napi_env napi, const GstCaps* caps) {
  if (caps == nullptr || gst_caps_is_empty(caps) || gst_caps_is_any(caps)) return js_null(napi);
  const GstStructure* structure = gst_caps_get_structure(caps, 0);
  const GstCapsFeatures* features = gst_caps_get_features(caps, 0);
  napi_value result = js_object(napi);
  js_set(napi, result, "name", js_string(napi, gst_structure_get_name(structure)));
  if (features != nullptr && !gst_caps_features_is_equal(features, GST_CAPS_FEATURES_MEMORY_SYSTEM_MEMORY)) {
    gchar* text = gst_caps_features_to_string(features);
    js_set(napi, result, "features", js_string(napi, text));
    g_free(text);
  }
  js_set(napi, result, "fields", structure_to_js(napi, structure));
  return result;
}

napi_value time_to_js(napi_env napi, GstClockTime time) {
  return GST_CLOCK_TIME_IS_VALID(time) ? js_number(napi, static_cast<double>(time)) : js_undefined(napi);
}

GstClockTime js_to_time(napi_env napi, napi_value value) {
  const double number = js_to_number(napi, value, -1);
  return number >= 0 ? static_cast<GstClockTime>(number) : GST_CLOCK_TIME_NONE;
}

gint64 structure_int64(const GstStructure* structure, const char* field, gint64 otherwise) {
  const GValue* value = structure != nullptr ? gst_structure_get_value(structure, field) : nullptr;
  if (value == nullptr) return otherwise;
  GValue number = G_VALUE_INIT;
  g_value_init(&number, G_TYPE_INT64);
  gint64 result = otherwise;
  if (!G_VALUE_HOLDS_STRING(value) && g_value_transform(value, &number)) result = g_value_get_int64(&number);
  g_value_unset(&number);
  return result;
}

}  // namespace talk
