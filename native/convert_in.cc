// JS -> GValue. See convert.h. Nothing is coerced silently: a value of the wrong kind or outside its range is
// answered with what was expected.
#include <cmath>
#include <cstring>
#include <limits>

#include "convert.h"
#include "handle.h"
#include "js.h"
#include "value.h"
#include "convert_boxed.h"

namespace talk {
namespace {

std::string range(const char* what, const std::string& from, const std::string& to) {
  return std::string(what) + " from " + from + " to " + to;
}

std::string plain(double n) {
  char text[G_ASCII_DTOSTR_BUF_SIZE];
  return g_ascii_dtostr(text, sizeof text, n);
}

/// The spec as its own type when it is of it: a property may redeclare a type without its range.
template <typename Spec>
Spec* cast(GParamSpec* spec, GType type) {
  return spec != nullptr && g_type_is_a(G_PARAM_SPEC_TYPE(spec), type) ? reinterpret_cast<Spec*>(spec) : nullptr;
}

template <typename T>
using Setter = void (*)(GValue*, T);

template <typename T, typename Spec, typename Raw>
std::string whole(napi_env napi, napi_value value, Spec* spec, Setter<Raw> set, GValue* out) {
  const int64_t low = spec != nullptr ? static_cast<int64_t>(spec->minimum) : std::numeric_limits<T>::min();
  const int64_t high = spec != nullptr ? static_cast<int64_t>(spec->maximum) : std::numeric_limits<T>::max();
  int64_t n = 0;
  bool exact = false;
  if (js_type(napi, value) == napi_number) {
    const double d = js_to_number(napi, value);
    exact = std::trunc(d) == d && std::fabs(d) <= static_cast<double>(kSafeInteger);
    if (exact) n = static_cast<int64_t>(d);
  } else if (js_type(napi, value) == napi_bigint) {
    napi_get_value_bigint_int64(napi, value, &n, &exact);
  }
  if (!exact || n < low || n > high) return range("an integer", std::to_string(low), std::to_string(high));
  set(out, static_cast<Raw>(n));
  return {};
}

template <typename Spec, typename Raw>
std::string whole64(napi_env napi, napi_value value, Spec* spec, Setter<Raw> set, GValue* out) {
  const uint64_t low = spec != nullptr ? spec->minimum : 0;
  const uint64_t high = spec != nullptr ? spec->maximum : std::numeric_limits<Raw>::max();
  uint64_t n = 0;
  bool exact = false;
  if (js_type(napi, value) == napi_number) {
    const double d = js_to_number(napi, value);
    exact = std::trunc(d) == d && d >= 0 && d <= static_cast<double>(kSafeInteger);
    if (exact) n = static_cast<uint64_t>(d);
  } else if (js_type(napi, value) == napi_bigint) {
    napi_get_value_bigint_uint64(napi, value, &n, &exact);
  }
  if (!exact || n < low || n > high) return range("an integer", std::to_string(low), std::to_string(high));
  set(out, static_cast<Raw>(n));
  return {};
}

template <typename Spec, typename Raw>
std::string real(napi_env napi, napi_value value, Spec* spec, Setter<Raw> set, GValue* out) {
  const double low = spec != nullptr ? spec->minimum : -std::numeric_limits<Raw>::max();
  const double high = spec != nullptr ? spec->maximum : std::numeric_limits<Raw>::max();
  const double n = js_to_number(napi, value, NAN);
  // Written so that NaN fails too.
  if (js_type(napi, value) != napi_number || !(n >= low && n <= high))
    return spec != nullptr ? range("a number", plain(low), plain(high)) : "a number";
  set(out, static_cast<Raw>(n));
  return {};
}

std::string enumeration(napi_env napi, napi_value value, GType type, GValue* out) {
  auto* klass = static_cast<GEnumClass*>(g_type_class_ref(type));
  std::string expected = "one of ";
  GEnumValue* found = nullptr;
  if (js_type(napi, value) == napi_string) {
    const std::string nick = js_to_string(napi, value);
    found = g_enum_get_value_by_nick(klass, nick.c_str());
    if (found == nullptr) found = g_enum_get_value_by_name(klass, nick.c_str());
  } else if (js_type(napi, value) == napi_number) {
    found = g_enum_get_value(klass, static_cast<int>(js_to_number(napi, value)));
  }
  for (guint i = 0; i < klass->n_values; i++)
    expected += (i > 0 ? ", " : "") + std::string(klass->values[i].value_nick);
  if (found != nullptr) g_value_set_enum(out, found->value);
  g_type_class_unref(klass);
  return found != nullptr ? std::string() : expected;
}

std::string flags(napi_env napi, napi_value value, GType type, GValue* out) {
  bool is_array = false;
  napi_is_array(napi, value, &is_array);
  std::string text;
  if (is_array) {
    uint32_t length = 0;
    napi_get_array_length(napi, value, &length);
    for (uint32_t i = 0; i < length; i++) {
      napi_value item = nullptr;
      napi_get_element(napi, value, i, &item);
      text += (i > 0 ? "+" : "") + js_to_string(napi, item);
    }
  } else if (js_type(napi, value) == napi_string) {
    text = js_to_string(napi, value);
  }
  if (js_type(napi, value) == napi_number) {
    g_value_set_flags(out, static_cast<guint>(js_to_number(napi, value)));
    return {};
  }
  if ((is_array || js_type(napi, value) == napi_string) &&
      (text.empty() || gst_value_deserialize(out, text.c_str())))
    return {};
  auto* klass = static_cast<GFlagsClass*>(g_type_class_ref(type));
  std::string expected = "any of ";
  for (guint i = 0; i < klass->n_values; i++)
    expected += (i > 0 ? ", " : "") + std::string(klass->values[i].value_nick);
  g_type_class_unref(klass);
  return expected + ", joined with +";
}

std::string any_fraction(napi_env napi, napi_value value, GValue* out) {
  const std::string expected = "a fraction like 25/1 or {num: 25, den: 1}";
  if (js_type(napi, value) == napi_string) {
    const std::string text = js_to_string(napi, value);
    return gst_value_deserialize(out, text.c_str()) ? std::string() : expected;
  }
  if (js_type(napi, value) == napi_number) {
    const double n = js_to_number(napi, value);
    if (std::trunc(n) != n || std::fabs(n) > G_MAXINT) return expected;
    gst_value_set_fraction(out, static_cast<int>(n), 1);
    return {};
  }
  if (js_type(napi, value) != napi_object) return expected;
  const double num = js_to_number(napi, js_get(napi, value, "num"), NAN);
  const double den = js_to_number(napi, js_get(napi, value, "den"), NAN);
  if (!(std::trunc(num) == num && std::trunc(den) == den && den != 0)) return expected;
  gst_value_set_fraction(out, static_cast<int>(num), static_cast<int>(den));
  return {};
}

std::string fraction(napi_env napi, napi_value value, GParamSpec* spec, GValue* out) {
  const std::string wrong = any_fraction(napi, value, out);
  if (!wrong.empty() || spec == nullptr || !GST_IS_PARAM_SPEC_FRACTION(spec)) return wrong;
  if (!g_param_value_validate(spec, out)) return {};
  auto* limits = GST_PARAM_SPEC_FRACTION(spec);
  auto written = [](int num, int den) { return std::to_string(num) + "/" + std::to_string(den); };
  return range("a fraction", written(limits->min_num, limits->min_den), written(limits->max_num, limits->max_den));
}

/// What a plain JS value becomes where the receiver names no type (structure fields, untyped arrays).
GType type_of(napi_env napi, napi_value value) {
  bool is_array = false;
  switch (js_type(napi, value)) {
    case napi_boolean: return G_TYPE_BOOLEAN;
    case napi_string: return G_TYPE_STRING;
    case napi_bigint: return G_TYPE_INT64;
    case napi_external: {
      const GValue* held = boxed_get(napi, value);
      if (held != nullptr) return G_VALUE_TYPE(held);
      Strong<GObject> object(napi, value);
      return object ? G_OBJECT_TYPE(object.get()) : G_TYPE_INVALID;
    }
    case napi_number: {
      const double n = js_to_number(napi, value);
      if (std::trunc(n) != n || std::fabs(n) > static_cast<double>(kSafeInteger)) return G_TYPE_DOUBLE;
      return n >= G_MININT && n <= G_MAXINT ? G_TYPE_INT : G_TYPE_INT64;
    }
    case napi_object: break;
    default: return G_TYPE_INVALID;
  }
  if (napi_is_array(napi, value, &is_array) == napi_ok && is_array) return GST_TYPE_ARRAY;
  if (is_bytes(napi, value)) return GST_TYPE_BUFFER;
  if (!js_is_nullish(napi, js_get(napi, value, "num"))) return GST_TYPE_FRACTION;
  return js_is_nullish(napi, js_get(napi, value, "name")) ? G_TYPE_INVALID : GST_TYPE_STRUCTURE;
}

std::string items(napi_env napi, napi_value value, GType type, GParamSpec* spec, GValue* out) {
  bool is_array = false;
  if (napi_is_array(napi, value, &is_array) != napi_ok || !is_array) return "an array";
  GParamSpec* item_spec = nullptr;
  if (spec != nullptr && GST_IS_PARAM_SPEC_ARRAY_LIST(spec)) item_spec = GST_PARAM_SPEC_ARRAY_LIST(spec)->element_spec;
  uint32_t length = 0;
  napi_get_array_length(napi, value, &length);
  for (uint32_t i = 0; i < length; i++) {
    napi_value item = nullptr;
    napi_get_element(napi, value, i, &item);
    const GType item_type = item_spec != nullptr ? item_spec->value_type : type_of(napi, item);
    GValue made = G_VALUE_INIT;
    const std::string wrong =
        item_type == G_TYPE_INVALID ? "a value" : from_js(napi, item, item_type, item_spec, &made);
    if (!wrong.empty()) {
      if (G_IS_VALUE(&made)) g_value_unset(&made);
      return "an array with, at index " + std::to_string(i) + ", " + wrong;
    }
    if (type == GST_TYPE_ARRAY) {
      gst_value_array_append_and_take_value(out, &made);
    } else {
      gst_value_list_append_and_take_value(out, &made);
    }
  }
  return {};
}

std::string object(napi_env napi, napi_value value, GType type, GValue* out) {
  if (js_is_nullish(napi, value)) return {};
  Strong<GObject> held(napi, value);
  if (!held || !g_type_is_a(G_OBJECT_TYPE(held.get()), type)) return std::string("a handle of a ") + g_type_name(type);
  g_value_set_object(out, held.get());
  return {};
}

std::string text(napi_env napi, napi_value value, GValue* out) {
  if (js_is_nullish(napi, value)) return {};
  if (js_type(napi, value) != napi_string) return "a string";
  g_value_set_string(out, js_to_string(napi, value).c_str());
  return {};
}

}  // namespace

std::string from_js(napi_env napi, napi_value value, GType type, GParamSpec* spec, GValue* out) {
  g_value_init(out, type);
  if (type == GST_TYPE_FRACTION) return fraction(napi, value, spec, out);
  if (type == GST_TYPE_ARRAY || type == GST_TYPE_LIST) return items(napi, value, type, spec, out);
  if (type == GST_TYPE_BITMASK) {
    GParamSpecUInt64* none = nullptr;
    return whole64<GParamSpecUInt64, guint64>(napi, value, none, gst_value_set_bitmask, out);
  }
  switch (G_TYPE_FUNDAMENTAL(type)) {
    case G_TYPE_BOOLEAN:
      if (js_type(napi, value) != napi_boolean) return "a boolean";
      g_value_set_boolean(out, js_to_bool(napi, value));
      return {};
    case G_TYPE_CHAR: return whole<int8_t>(napi, value, cast<GParamSpecChar>(spec, G_TYPE_PARAM_CHAR), g_value_set_schar, out);
    case G_TYPE_UCHAR: return whole<uint8_t>(napi, value, cast<GParamSpecUChar>(spec, G_TYPE_PARAM_UCHAR), g_value_set_uchar, out);
    case G_TYPE_INT: return whole<int32_t>(napi, value, cast<GParamSpecInt>(spec, G_TYPE_PARAM_INT), g_value_set_int, out);
    case G_TYPE_UINT: return whole<uint32_t>(napi, value, cast<GParamSpecUInt>(spec, G_TYPE_PARAM_UINT), g_value_set_uint, out);
    case G_TYPE_LONG: return whole<int64_t>(napi, value, cast<GParamSpecLong>(spec, G_TYPE_PARAM_LONG), g_value_set_long, out);
    case G_TYPE_INT64: return whole<int64_t>(napi, value, cast<GParamSpecInt64>(spec, G_TYPE_PARAM_INT64), g_value_set_int64, out);
    case G_TYPE_ULONG: return whole64(napi, value, cast<GParamSpecULong>(spec, G_TYPE_PARAM_ULONG), g_value_set_ulong, out);
    case G_TYPE_UINT64: return whole64(napi, value, cast<GParamSpecUInt64>(spec, G_TYPE_PARAM_UINT64), g_value_set_uint64, out);
    case G_TYPE_FLOAT: return real(napi, value, cast<GParamSpecFloat>(spec, G_TYPE_PARAM_FLOAT), g_value_set_float, out);
    case G_TYPE_DOUBLE: return real(napi, value, cast<GParamSpecDouble>(spec, G_TYPE_PARAM_DOUBLE), g_value_set_double, out);
    case G_TYPE_STRING: return text(napi, value, out);
    case G_TYPE_ENUM: return enumeration(napi, value, type, out);
    case G_TYPE_FLAGS: return flags(napi, value, type, out);
    case G_TYPE_BOXED: return boxed_from_js(napi, value, type, out);
    case G_TYPE_OBJECT:
    case G_TYPE_INTERFACE: return object(napi, value, type, out);
    default: break;
  }
  if (js_type(napi, value) == napi_string && gst_value_deserialize(out, js_to_string(napi, value).c_str())) return {};
  return std::string("a ") + g_type_name(type) + " in launch syntax";
}

// GStreamer's own check, which otherwise ends in a critical warning.
static bool is_structure_name(const char* name) {
  if (!g_ascii_isalpha(*name)) return false;
  while (g_ascii_isalnum(*name) || (*name != '\0' && strchr("/-_.:+", *name) != nullptr)) name++;
  return *name == '\0';
}

GstStructure* structure_from_js(napi_env napi, const char* name, napi_value fields, std::string* expected) {
  if (!is_structure_name(name)) {
    *expected = "a structure name of letters, digits and /-_.:+";
    return nullptr;
  }
  GstStructure* made = gst_structure_new_empty(name);
  if (js_type(napi, fields) != napi_object) return made;
  napi_value keys = nullptr;
  uint32_t count = 0;
  napi_get_property_names(napi, fields, &keys);
  napi_get_array_length(napi, keys, &count);
  for (uint32_t i = 0; i < count; i++) {
    napi_value key = nullptr;
    napi_value value = nullptr;
    napi_get_element(napi, keys, i, &key);
    napi_get_property(napi, fields, key, &value);
    if (js_is_nullish(napi, value)) continue;  // a field that is not there
    const std::string field = js_to_string(napi, key);
    const GType type = type_of(napi, value);
    GValue item = G_VALUE_INIT;
    const std::string wrong = type == G_TYPE_INVALID ? "a value GStreamer knows" : from_js(napi, value, type, nullptr, &item);
    if (!wrong.empty()) {
      if (G_IS_VALUE(&item)) g_value_unset(&item);
      gst_structure_free(made);
      *expected = "fields with, in " + field + ", " + wrong;
      return nullptr;
    }
    gst_structure_take_value(made, field.c_str(), &item);
  }
  return made;
}

}  // namespace talk
