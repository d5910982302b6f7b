// GValueArray is deprecated and still the type of some properties.
#define GLIB_DISABLE_DEPRECATION_WARNINGS
#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "convert.h"
#include "introspect.h"
#include "js.h"
#include "value.h"

namespace talk {

namespace {

// Our word for a property's type; the GType's name stands beside it.
const char* type_word(GType type) {
  if (type == GST_TYPE_CAPS) return "caps";
  if (type == GST_TYPE_FRACTION) return "fraction";
  if (type == GST_TYPE_STRUCTURE) return "structure";
  if (type == GST_TYPE_ARRAY) return "array";
  if (type == GST_TYPE_LIST) return "list";
  if (type == G_TYPE_VALUE_ARRAY) return "value-array";
  switch (G_TYPE_FUNDAMENTAL(type)) {
    case G_TYPE_BOOLEAN: return "bool";
    case G_TYPE_CHAR:
    case G_TYPE_INT: return "int";
    case G_TYPE_UCHAR:
    case G_TYPE_UINT: return "uint";
    case G_TYPE_LONG: return "long";
    case G_TYPE_ULONG: return "ulong";
    case G_TYPE_INT64: return "int64";
    case G_TYPE_UINT64: return "uint64";
    case G_TYPE_FLOAT: return "float";
    case G_TYPE_DOUBLE: return "double";
    case G_TYPE_STRING: return "string";
    case G_TYPE_ENUM: return "enum";
    case G_TYPE_FLAGS: return "flags";
    case G_TYPE_BOXED: return "boxed";
    case G_TYPE_OBJECT:
    case G_TYPE_INTERFACE: return "object";
    case G_TYPE_POINTER: return "pointer";
    default: return "other";
  }
}

template <typename Spec, typename Make>
void limits(napi_env napi, napi_value object, GParamSpec* spec, Make make) {
  auto* own = reinterpret_cast<Spec*>(spec);
  js_set(napi, object, "min", make(napi, own->minimum));
  js_set(napi, object, "max", make(napi, own->maximum));
}

napi_value fraction(napi_env napi, int num, int den) {
  napi_value object = js_object(napi);
  js_set(napi, object, "num", js_number(napi, num));
  js_set(napi, object, "den", js_number(napi, den));
  return object;
}

void add_range(napi_env napi, napi_value object, GParamSpec* spec) {
  const GType type = G_PARAM_SPEC_TYPE(spec);
  if (type == G_TYPE_PARAM_CHAR) limits<GParamSpecChar>(napi, object, spec, js_number);
  if (type == G_TYPE_PARAM_UCHAR) limits<GParamSpecUChar>(napi, object, spec, js_number);
  if (type == G_TYPE_PARAM_INT) limits<GParamSpecInt>(napi, object, spec, js_number);
  if (type == G_TYPE_PARAM_UINT) limits<GParamSpecUInt>(napi, object, spec, js_number);
  if (type == G_TYPE_PARAM_LONG) limits<GParamSpecLong>(napi, object, spec, integer_to_js);
  if (type == G_TYPE_PARAM_ULONG) limits<GParamSpecULong>(napi, object, spec, uinteger_to_js);
  if (type == G_TYPE_PARAM_INT64) limits<GParamSpecInt64>(napi, object, spec, integer_to_js);
  if (type == G_TYPE_PARAM_UINT64) limits<GParamSpecUInt64>(napi, object, spec, uinteger_to_js);
  if (type == G_TYPE_PARAM_FLOAT) limits<GParamSpecFloat>(napi, object, spec, js_number);
  if (type == G_TYPE_PARAM_DOUBLE) limits<GParamSpecDouble>(napi, object, spec, js_number);
  if (!GST_IS_PARAM_SPEC_FRACTION(spec)) return;
  auto* own = GST_PARAM_SPEC_FRACTION(spec);
  js_set(napi, object, "min", fraction(napi, own->min_num, own->min_den));
  js_set(napi, object, "max", fraction(napi, own->max_num, own->max_den));
}

napi_value choice(napi_env napi, double value, const char* nick, const char* name) {
  napi_value object = js_object(napi);
  js_set(napi, object, "value", js_number(napi, value));
  js_set(napi, object, "nick", js_string(napi, nick));
  js_set(napi, object, "name", js_string(napi, name));
  return object;
}

void add_values(napi_env napi, napi_value object, GType type) {
  napi_value list = js_array(napi);
  if (G_TYPE_IS_ENUM(type)) {
    auto* klass = static_cast<GEnumClass*>(g_type_class_ref(type));
    for (guint i = 0; i < klass->n_values; i++)
      js_push(napi, list, choice(napi, klass->values[i].value, klass->values[i].value_nick, klass->values[i].value_name));
    g_type_class_unref(klass);
  } else if (G_TYPE_IS_FLAGS(type)) {
    auto* klass = static_cast<GFlagsClass*>(g_type_class_ref(type));
    for (guint i = 0; i < klass->n_values; i++)
      js_push(napi, list, choice(napi, klass->values[i].value, klass->values[i].value_nick, klass->values[i].value_name));
    g_type_class_unref(klass);
  } else {
    return;
  }
  js_set(napi, object, "values", list);
}

void add_flags(napi_env napi, napi_value object, GParamFlags bits) {
  const auto flag = [&](const char* key, guint bit) { js_set(napi, object, key, js_bool(napi, (bits & bit) != 0)); };
  flag("readable", G_PARAM_READABLE);
  flag("writable", G_PARAM_WRITABLE);
  flag("construct", G_PARAM_CONSTRUCT);
  flag("constructOnly", G_PARAM_CONSTRUCT_ONLY);
  flag("controllable", GST_PARAM_CONTROLLABLE);
  flag("deprecated", G_PARAM_DEPRECATED);
  flag("conditional", GST_PARAM_CONDITIONALLY_AVAILABLE);
  const char* mutable_until = nullptr;
  if ((bits & GST_PARAM_MUTABLE_READY) != 0) mutable_until = "ready";
  if ((bits & GST_PARAM_MUTABLE_PAUSED) != 0) mutable_until = "paused";
  if ((bits & GST_PARAM_MUTABLE_PLAYING) != 0) mutable_until = "playing";
  if (mutable_until != nullptr) js_set(napi, object, "mutable", js_string(napi, mutable_until));
}

// A value as data and, for what has no short JS form, as GStreamer writes it. Objects are only named by type.
void add_value(napi_env napi, napi_value object, const char* key, const GValue* value) {
  const GType type = G_VALUE_TYPE(value);
  const GType kind = G_TYPE_FUNDAMENTAL(type);
  if (kind == G_TYPE_OBJECT || kind == G_TYPE_INTERFACE || kind == G_TYPE_POINTER) return;
  if (type == GST_TYPE_STRUCTURE) {
    const GstStructure* held = gst_value_get_structure(value);
    if (held == nullptr) return;
    napi_value fields = js_object(napi);
    for (gint i = 0; i < gst_structure_n_fields(held); i++) {
      const gchar* field = gst_structure_nth_field_name(held, static_cast<guint>(i));
      gchar* text = gst_value_serialize(gst_structure_get_value(held, field));
      js_set(napi, fields, field, js_string(napi, text));
      g_free(text);
    }
    js_set(napi, object, key, fields);
    return;
  }
  if (type == GST_TYPE_ARRAY || type == GST_TYPE_LIST) {
    gchar* text = gst_value_serialize(value);
    js_set(napi, object, key, js_string(napi, text));
    g_free(text);
    return;
  }
  if (kind == G_TYPE_BOXED && type != GST_TYPE_CAPS && type != G_TYPE_STRV) return;
  js_set(napi, object, key, to_js(napi, value));
  if (kind == G_TYPE_FLAGS && strcmp(key, "value") == 0) js_set(napi, object, "bits", js_number(napi, g_value_get_flags(value)));
  if (kind == G_TYPE_ENUM && strcmp(key, "value") == 0) js_set(napi, object, "bits", js_number(napi, g_value_get_enum(value)));
}

napi_value property(napi_env napi, GObject* object, GParamSpec* spec) {
  napi_value info = js_object(napi);
  js_set(napi, info, "name", js_string(napi, g_param_spec_get_name(spec)));
  js_set(napi, info, "nick", js_string(napi, g_param_spec_get_nick(spec)));
  js_set(napi, info, "blurb", js_string(napi, g_param_spec_get_blurb(spec)));
  js_set(napi, info, "type", js_string(napi, type_word(spec->value_type)));
  js_set(napi, info, "gtype", js_string(napi, g_type_name(spec->value_type)));
  js_set(napi, info, "owner", js_string(napi, g_type_name(spec->owner_type)));
  GParamSpec* item = nullptr;
  if (GST_IS_PARAM_SPEC_ARRAY_LIST(spec)) item = GST_PARAM_SPEC_ARRAY_LIST(spec)->element_spec;
  if (G_IS_PARAM_SPEC_VALUE_ARRAY(spec)) item = G_PARAM_SPEC_VALUE_ARRAY(spec)->element_spec;
  if (item != nullptr) js_set(napi, info, "element", js_string(napi, g_type_name(item->value_type)));
  add_flags(napi, info, spec->flags);
  add_range(napi, info, spec);
  add_values(napi, info, spec->value_type);
  GValue value = G_VALUE_INIT;
  g_value_init(&value, spec->value_type);
  g_param_value_set_default(spec, &value);
  add_value(napi, info, "default", &value);
  if ((spec->flags & G_PARAM_READABLE) != 0) {
    g_value_reset(&value);
    g_object_get_property(object, spec->name, &value);
  }
  add_value(napi, info, "value", &value);
  g_value_unset(&value);
  return info;
}

// The C name of a signal's type, a pointer's with its star.
std::string c_type(GType with_scope) {
  const GType type = with_scope & ~G_SIGNAL_TYPE_STATIC_SCOPE;
  const GType kind = G_TYPE_FUNDAMENTAL(type);
  const bool pointer = kind == G_TYPE_OBJECT || kind == G_TYPE_BOXED || kind == G_TYPE_INTERFACE ||
                       (kind == G_TYPE_POINTER && type != G_TYPE_POINTER);
  return std::string(g_type_name(type)) + (pointer ? "*" : "");
}

napi_value signal_info(napi_env napi, const GSignalQuery& query) {
  napi_value info = js_object(napi);
  js_set(napi, info, "name", js_string(napi, query.signal_name));
  js_set(napi, info, "action", js_bool(napi, (query.signal_flags & G_SIGNAL_ACTION) != 0));
  js_set(napi, info, "returns", js_string(napi, c_type(query.return_type)));
  napi_value params = js_array(napi);
  for (guint i = 0; i < query.n_params; i++) js_push(napi, params, js_string(napi, c_type(query.param_types[i])));
  js_set(napi, info, "params", params);
  return info;
}

}  // namespace

napi_value properties_to_js(napi_env napi, GObject* object, GType below) {
  guint count = 0;
  GParamSpec** specs = g_object_class_list_properties(G_OBJECT_GET_CLASS(object), &count);
  std::vector<GParamSpec*> sorted;
  for (guint i = 0; i < count; i++)
    if (below == G_TYPE_INVALID || (g_type_is_a(specs[i]->owner_type, below) && specs[i]->owner_type != below))
      sorted.push_back(specs[i]);
  std::sort(sorted.begin(), sorted.end(), [](GParamSpec* a, GParamSpec* b) { return strcmp(a->name, b->name) < 0; });
  napi_value list = js_array(napi);
  for (GParamSpec* spec : sorted) js_push(napi, list, property(napi, object, spec));
  g_free(specs);
  return list;
}

napi_value signals_to_js(napi_env napi, GstElement* element) {
  napi_value list = js_array(napi);
  const auto add = [&](guint id) {
    GSignalQuery query;
    g_signal_query(id, &query);
    js_push(napi, list, signal_info(napi, query));
  };
  for (GType type = G_OBJECT_TYPE(element); type != G_TYPE_INVALID && type != GST_TYPE_ELEMENT; type = g_type_parent(type)) {
    if (type == GST_TYPE_BIN && G_OBJECT_TYPE(element) != GST_TYPE_BIN) continue;
    guint count = 0;
    guint* ids = g_signal_list_ids(type, &count);
    std::sort(ids, ids + count);  // in order of declaration; GLib's order changes from run to run
    for (guint i = 0; i < count; i++) add(ids[i]);
    g_free(ids);
  }
  return list;
}

}  // namespace talk
