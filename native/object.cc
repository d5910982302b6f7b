#include "object.h"

#include <gst/gst.h>

#include <string>

#include "convert.h"
#include "handle.h"
#include "js.h"

namespace talk {

namespace {

using Object = Strong<GObject>;

// {status, ...}: TypeScript turns anything but 'ok' into the right error.
napi_value status(napi_env napi, const char* what) {
  napi_value object = js_object(napi);
  js_set(napi, object, "status", js_string(napi, what));
  return object;
}

napi_value string_of(napi_env napi, gchar* taken) {
  napi_value value = js_string(napi, taken);
  g_free(taken);
  return value;
}

napi_value object_kind(Env& env, const Args& args) { return js_string(env.napi(), handle_kind(env.napi(), args[0])); }

// {kind, name, type, path, factory?} or null when the object is gone.
napi_value object_info(Env& env, const Args& args) {
  napi_env napi = env.napi();
  const Object object(napi, args[0]);
  if (!object) return js_null(napi);
  napi_value info = js_object(napi);
  js_set(napi, info, "kind", js_string(napi, handle_kind(napi, args[0])));
  js_set(napi, info, "type", js_string(napi, G_OBJECT_TYPE_NAME(object.get())));
  if (GST_IS_OBJECT(object.get())) {
    js_set(napi, info, "name", string_of(napi, gst_object_get_name(GST_OBJECT(object.get()))));
    js_set(napi, info, "path", js_string(napi, object_path(GST_OBJECT(object.get()))));
  }
  if (GST_IS_ELEMENT(object.get())) {
    GstElementFactory* factory = gst_element_get_factory(GST_ELEMENT(object.get()));
    if (factory != nullptr) js_set(napi, info, "factory", js_string(napi, GST_OBJECT_NAME(factory)));
  }
  return info;
}

// A property of the object, or of one of its children for "child::property". The target is a new reference.
GParamSpec* find_property(GObject* object, const std::string& name, GObject** target) {
  GParamSpec* spec = nullptr;
  if (name.find("::") != std::string::npos && GST_IS_CHILD_PROXY(object)) {
    return gst_child_proxy_lookup(GST_CHILD_PROXY(object), name.c_str(), target, &spec) ? spec : nullptr;
  }
  spec = g_object_class_find_property(G_OBJECT_GET_CLASS(object), name.c_str());
  *target = G_OBJECT(g_object_ref(object));
  return spec;
}

napi_value object_get(Env& env, const Args& args) {
  napi_env napi = env.napi();
  const Object object(napi, args[0]);
  if (!object) return status(napi, "gone");
  GObject* found = nullptr;
  GParamSpec* spec = find_property(object.get(), args.string(1), &found);
  const Object target(found);
  if (spec == nullptr) return status(napi, "missing");
  if ((spec->flags & G_PARAM_READABLE) == 0) return status(napi, "unreadable");
  GValue value = G_VALUE_INIT;
  g_value_init(&value, spec->value_type);
  g_object_get_property(target.get(), spec->name, &value);
  napi_value result = status(napi, "ok");
  js_set(napi, result, "value", to_js(napi, &value));
  g_value_unset(&value);
  return result;
}

const char* unwritable(GParamSpec* spec) {
  if (spec == nullptr) return "missing";
  if ((spec->flags & G_PARAM_WRITABLE) == 0) return "readonly";
  return (spec->flags & G_PARAM_CONSTRUCT_ONLY) != 0 ? "construct-only" : nullptr;
}

napi_value object_set(Env& env, const Args& args) {
  napi_env napi = env.napi();
  const Object object(napi, args[0]);
  if (!object) return status(napi, "gone");
  GObject* found = nullptr;
  GParamSpec* spec = find_property(object.get(), args.string(1), &found);
  const Object target(found);
  if (const char* why = unwritable(spec)) return status(napi, why);
  GValue value = G_VALUE_INIT;
  const std::string expected = from_js(napi, args[2], spec->value_type, spec, &value);
  if (expected.empty()) g_object_set_property(target.get(), spec->name, &value);
  if (G_IS_VALUE(&value)) g_value_unset(&value);
  if (expected.empty()) return status(napi, "ok");
  napi_value result = status(napi, "expected");
  js_set(napi, result, "expected", js_string(napi, expected));
  return result;
}

// As a launch line sets it: (handle, property, text).
napi_value object_set_text(Env& env, const Args& args) {
  napi_env napi = env.napi();
  const Object object(napi, args[0]);
  if (!object) return status(napi, "gone");
  GObject* found = nullptr;
  GParamSpec* spec = find_property(object.get(), args.string(1), &found);
  const Object target(found);
  if (const char* why = unwritable(spec)) return status(napi, why);
  GValue value = G_VALUE_INIT;
  g_value_init(&value, spec->value_type);
  // `validate` is true when it had to change the value: GObject would refuse that, and tell only the log.
  const bool parsed = gst_value_deserialize_with_pspec(&value, args.string(2).c_str(), spec) &&
                      ((spec->flags & G_PARAM_LAX_VALIDATION) != 0 || !g_param_value_validate(spec, &value));
  if (parsed) g_object_set_property(target.get(), spec->name, &value);
  g_value_unset(&value);
  if (parsed) return status(napi, "ok");
  napi_value result = status(napi, "expected");
  js_set(napi, result, "expected", js_string(napi, std::string("a ") + g_type_name(spec->value_type) + " as text"));
  return result;
}

// The names of all properties, in order of declaration from the base class on.
napi_value object_properties(Env& env, const Args& args) {
  napi_env napi = env.napi();
  napi_value names = js_array(napi);
  const Object object(napi, args[0]);
  if (!object) return names;
  guint count = 0;
  GParamSpec** specs = g_object_class_list_properties(G_OBJECT_GET_CLASS(object.get()), &count);
  for (guint i = 0; i < count; i++) js_push(napi, names, js_string(napi, specs[i]->name));
  g_free(specs);
  return names;
}

// Handles of everything an iterator gives.
napi_value collect(napi_env napi, GstIterator* iterator) {
  napi_value list = js_array(napi);
  if (iterator == nullptr) return list;
  GValue item = G_VALUE_INIT;
  for (;;) {
    const GstIteratorResult next = gst_iterator_next(iterator, &item);
    if (next == GST_ITERATOR_RESYNC) {
      gst_iterator_resync(iterator);
      list = js_array(napi);
      continue;
    }
    if (next != GST_ITERATOR_OK) break;
    js_push(napi, list, handle_to_js(napi, static_cast<GObject*>(g_value_get_object(&item))));
    g_value_reset(&item);
  }
  if (G_IS_VALUE(&item)) g_value_unset(&item);
  gst_iterator_free(iterator);
  return list;
}

// (handle, recurse)
napi_value object_children(Env& env, const Args& args) {
  napi_env napi = env.napi();
  const Object object(napi, args[0]);
  if (!object || !GST_IS_BIN(object.get())) return js_array(napi);
  GstBin* bin = GST_BIN(object.get());
  return collect(napi, args.boolean(1) ? gst_bin_iterate_recurse(bin) : gst_bin_iterate_elements(bin));
}

napi_value object_pads(Env& env, const Args& args) {
  napi_env napi = env.napi();
  const Object object(napi, args[0]);
  if (!object || !GST_IS_ELEMENT(object.get())) return js_array(napi);
  return collect(napi, gst_element_iterate_pads(GST_ELEMENT(object.get())));
}

// An element inside a bin by name or path ("out/mux"), a pad ("mux.sink_0"), or a child of a child proxy. Null
// when there is none.
napi_value object_child(Env& env, const Args& args) {
  napi_env napi = env.napi();
  const Object object(napi, args[0]);
  GObject* at = object ? G_OBJECT(g_object_ref(object.get())) : nullptr;
  gchar** steps = g_strsplit(args.string(1).c_str(), "/", -1);
  for (gchar** step = steps; *step != nullptr && at != nullptr; step++) {
    GObject* next = nullptr;
    if (GST_IS_BIN(at)) next = reinterpret_cast<GObject*>(gst_bin_get_by_name(GST_BIN(at), *step));
    if (next == nullptr && GST_IS_CHILD_PROXY(at)) next = gst_child_proxy_get_child_by_name(GST_CHILD_PROXY(at), *step);
    g_object_unref(at);
    at = next;
  }
  g_strfreev(steps);
  const Object child(at);
  return handle_to_js(napi, child.get());
}

napi_value object_parent(Env& env, const Args& args) {
  napi_env napi = env.napi();
  const Object object(napi, args[0]);
  if (!object || !GST_IS_OBJECT(object.get())) return js_null(napi);
  const Strong<GstObject> parent(gst_object_get_parent(GST_OBJECT(object.get())));
  return handle_to_js(napi, G_OBJECT(parent.get()));
}

// The element's own state now: {state, pending} as GstState numbers.
napi_value element_state(Env& env, const Args& args) {
  napi_env napi = env.napi();
  const Object object(napi, args[0]);
  if (!object || !GST_IS_ELEMENT(object.get())) return js_null(napi);
  napi_value result = js_object(napi);
  js_set(napi, result, "state", js_number(napi, GST_STATE(object.get())));
  js_set(napi, result, "pending", js_number(napi, GST_STATE_PENDING(object.get())));
  return result;
}

}  // namespace

void init_objects(Env& env, napi_value exports) {
  define<object_kind>(env, exports, "objectKind");
  define<object_info>(env, exports, "objectInfo");
  define<object_get>(env, exports, "objectGet");
  define<object_set>(env, exports, "objectSet");
  define<object_set_text>(env, exports, "objectSetText");
  define<object_properties>(env, exports, "objectProperties");
  define<object_children>(env, exports, "objectChildren");
  define<object_child>(env, exports, "objectChild");
  define<object_parent>(env, exports, "objectParent");
  define<object_pads>(env, exports, "objectPads");
  define<element_state>(env, exports, "elementState");
}

}  // namespace talk
