#include "introspect.h"

#include <algorithm>
#include <cstring>
#include <string>
#include <vector>

#include "convert.h"
#include "handle.h"
#include "js.h"
#include "value.h"

namespace talk {

namespace {

napi_value strings(napi_env napi, const gchar* const* list) {
  napi_value array = js_array(napi);
  for (; list != nullptr && *list != nullptr; list++) js_push(napi, array, js_string(napi, *list));
  return array;
}

napi_value plugin_to_js(napi_env napi, GstPlugin* plugin) {
  if (plugin == nullptr) return js_null(napi);
  napi_value info = js_object(napi);
  js_set(napi, info, "name", js_string(napi, gst_plugin_get_name(plugin)));
  js_set(napi, info, "description", js_string(napi, gst_plugin_get_description(plugin)));
  js_set(napi, info, "filename", js_string(napi, gst_plugin_get_filename(plugin)));
  js_set(napi, info, "version", js_string(napi, gst_plugin_get_version(plugin)));
  js_set(napi, info, "license", js_string(napi, gst_plugin_get_license(plugin)));
  js_set(napi, info, "source", js_string(napi, gst_plugin_get_source(plugin)));
  js_set(napi, info, "package", js_string(napi, gst_plugin_get_package(plugin)));
  js_set(napi, info, "origin", js_string(napi, gst_plugin_get_origin(plugin)));
  js_set(napi, info, "released", js_string(napi, gst_plugin_get_release_date_string(plugin)));
  return info;
}

// How many features the plugin has, this one among them.
guint count_siblings(GstPlugin* plugin) {
  if (plugin == nullptr) return 1;
  GList* features = gst_registry_get_feature_list_by_plugin(gst_registry_get(), gst_plugin_get_name(plugin));
  const guint count = g_list_length(features);
  gst_plugin_feature_list_free(features);
  return count;
}

napi_value summary(napi_env napi, GstElementFactory* factory) {
  const auto text = [&](const char* key) { return js_string(napi, gst_element_factory_get_metadata(factory, key)); };
  napi_value info = js_object(napi);
  js_set(napi, info, "name", js_string(napi, GST_OBJECT_NAME(factory)));
  js_set(napi, info, "longName", text(GST_ELEMENT_METADATA_LONGNAME));
  js_set(napi, info, "klass", text(GST_ELEMENT_METADATA_KLASS));
  js_set(napi, info, "description", text(GST_ELEMENT_METADATA_DESCRIPTION));
  js_set(napi, info, "author", text(GST_ELEMENT_METADATA_AUTHOR));
  js_set(napi, info, "rank", js_number(napi, gst_plugin_feature_get_rank(GST_PLUGIN_FEATURE(factory))));
  js_set(napi, info, "plugin", js_string(napi, gst_plugin_feature_get_plugin_name(GST_PLUGIN_FEATURE(factory))));
  return info;
}

// [{name, longName, klass, description, author, rank, plugin}] of every element factory.
napi_value catalog_factories(Env& env, const Args&) {
  napi_env napi = env.napi();
  napi_value list = js_array(napi);
  GList* factories = gst_registry_get_feature_list(gst_registry_get(), GST_TYPE_ELEMENT_FACTORY);
  for (GList* at = factories; at != nullptr; at = at->next)
    js_push(napi, list, summary(napi, GST_ELEMENT_FACTORY(at->data)));
  gst_plugin_feature_list_free(factories);
  return list;
}

// Every plugin with the names of its features: [{..., features: [{name, type}]}].
napi_value catalog_plugins(Env& env, const Args&) {
  napi_env napi = env.napi();
  napi_value list = js_array(napi);
  GList* plugins = gst_registry_get_plugin_list(gst_registry_get());
  for (GList* at = plugins; at != nullptr; at = at->next) {
    auto* plugin = GST_PLUGIN(at->data);
    napi_value info = plugin_to_js(napi, plugin);
    napi_value features = js_array(napi);
    GList* owned = gst_registry_get_feature_list_by_plugin(gst_registry_get(), gst_plugin_get_name(plugin));
    for (GList* feature = owned; feature != nullptr; feature = feature->next) {
      napi_value entry = js_object(napi);
      js_set(napi, entry, "name", js_string(napi, GST_OBJECT_NAME(feature->data)));
      js_set(napi, entry, "type", js_string(napi, G_OBJECT_TYPE_NAME(feature->data)));
      js_push(napi, features, entry);
    }
    gst_plugin_feature_list_free(owned);
    js_set(napi, info, "features", features);
    js_push(napi, list, info);
  }
  gst_plugin_list_free(plugins);
  return list;
}

napi_value metadata_to_js(napi_env napi, GstElementFactory* factory) {
  napi_value object = js_object(napi);
  gchar** keys = gst_element_factory_get_metadata_keys(factory);
  for (gchar** key = keys; key != nullptr && *key != nullptr; key++)
    js_set(napi, object, *key, js_string(napi, gst_element_factory_get_metadata(factory, *key)));
  g_strfreev(keys);
  return object;
}

napi_value hierarchy_to_js(napi_env napi, GType type) {
  std::vector<const char*> names;
  for (; type != G_TYPE_INVALID; type = g_type_parent(type)) names.push_back(g_type_name(type));
  napi_value list = js_array(napi);
  for (auto name = names.rbegin(); name != names.rend(); ++name) js_push(napi, list, js_string(napi, *name));
  return list;
}

napi_value interfaces_to_js(napi_env napi, GType type) {
  napi_value list = js_array(napi);
  guint count = 0;
  GType* types = g_type_interfaces(type, &count);
  for (guint i = 0; i < count; i++) js_push(napi, list, js_string(napi, g_type_name(types[i])));
  g_free(types);
  return list;
}

napi_value caps_fields(napi_env napi, const GstStructure* structure) {
  napi_value fields = js_array(napi);
  for (gint i = 0; i < gst_structure_n_fields(structure); i++) {
    const gchar* name = gst_structure_nth_field_name(structure, static_cast<guint>(i));
    gchar* text = gst_value_serialize(gst_structure_get_value(structure, name));
    napi_value field = js_object(napi);
    js_set(napi, field, "name", js_string(napi, name));
    js_set(napi, field, "text", js_string(napi, text));
    js_push(napi, fields, field);
    g_free(text);
  }
  return fields;
}

// {text, any, structures: [{name, features?, fields: [{name, text}]}]}
napi_value caps_description(napi_env napi, GstCaps* caps) {
  napi_value object = js_object(napi);
  gchar* text = gst_caps_to_string(caps);
  js_set(napi, object, "text", js_string(napi, text));
  g_free(text);
  napi_value structures = js_array(napi);
  for (guint i = 0; i < gst_caps_get_size(caps) && !gst_caps_is_any(caps); i++) {
    const GstStructure* structure = gst_caps_get_structure(caps, i);
    const GstCapsFeatures* features = gst_caps_get_features(caps, i);
    napi_value entry = js_object(napi);
    js_set(napi, entry, "name", js_string(napi, gst_structure_get_name(structure)));
    if (features != nullptr && (gst_caps_features_is_any(features) ||
                                !gst_caps_features_is_equal(features, GST_CAPS_FEATURES_MEMORY_SYSTEM_MEMORY))) {
      gchar* written = gst_caps_features_to_string(features);
      js_set(napi, entry, "features", js_string(napi, written));
      g_free(written);
    }
    js_set(napi, entry, "fields", caps_fields(napi, structure));
    js_push(napi, structures, entry);
  }
  js_set(napi, object, "structures", structures);
  return object;
}

napi_value template_to_js(napi_env napi, GstPadTemplate* made_from) {
  static const char* const presences[] = {"always", "sometimes", "request"};
  napi_value info = js_object(napi);
  js_set(napi, info, "name", js_string(napi, GST_PAD_TEMPLATE_NAME_TEMPLATE(made_from)));
  js_set(napi, info, "direction", js_string(napi, GST_PAD_TEMPLATE_DIRECTION(made_from) == GST_PAD_SRC ? "src" : "sink"));
  js_set(napi, info, "presence", js_string(napi, presences[GST_PAD_TEMPLATE_PRESENCE(made_from)]));
  GstCaps* caps = gst_pad_template_get_caps(made_from);
  js_set(napi, info, "caps", caps_description(napi, caps));
  gst_caps_unref(caps);
  const GType type = GST_PAD_TEMPLATE_GTYPE(made_from);
  if (type == G_TYPE_NONE || type == GST_TYPE_PAD) return info;
  js_set(napi, info, "gtype", js_string(napi, g_type_name(type)));
  if (G_TYPE_IS_ABSTRACT(type)) return info;
  const Strong<GObject> pad(static_cast<GObject*>(
      g_object_ref_sink(g_object_new(type, "name", "inspect", "direction", GST_PAD_TEMPLATE_DIRECTION(made_from), nullptr))));
  js_set(napi, info, "properties", properties_to_js(napi, pad.get(), GST_TYPE_PAD));
  return info;
}

napi_value templates_to_js(napi_env napi, GstElement* element) {
  std::vector<GstPadTemplate*> sorted;
  for (GList* at = gst_element_get_pad_template_list(element); at != nullptr; at = at->next)
    sorted.push_back(GST_PAD_TEMPLATE(at->data));
  std::sort(sorted.begin(), sorted.end(), [](GstPadTemplate* a, GstPadTemplate* b) {
    return strcmp(GST_PAD_TEMPLATE_NAME_TEMPLATE(a), GST_PAD_TEMPLATE_NAME_TEMPLATE(b)) < 0;
  });
  napi_value list = js_array(napi);
  for (GstPadTemplate* made_from : sorted) js_push(napi, list, template_to_js(napi, made_from));
  return list;
}

napi_value pads_to_js(napi_env napi, GstElement* element) {
  napi_value list = js_array(napi);
  for (GList* at = element->pads; at != nullptr; at = at->next) {
    auto* pad = GST_PAD(at->data);
    napi_value info = js_object(napi);
    js_set(napi, info, "name", js_string(napi, GST_PAD_NAME(pad)));
    js_set(napi, info, "direction", js_string(napi, GST_PAD_IS_SRC(pad) ? "src" : "sink"));
    GstPadTemplate* made_from = gst_pad_get_pad_template(pad);
    if (made_from != nullptr) {
      js_set(napi, info, "template", js_string(napi, GST_PAD_TEMPLATE_NAME_TEMPLATE(made_from)));
      gst_object_unref(made_from);
    }
    js_push(napi, list, info);
  }
  return list;
}

napi_value uri_to_js(napi_env napi, GstElement* element) {
  if (!GST_IS_URI_HANDLER(element)) return js_null(napi);
  auto* handler = GST_URI_HANDLER(element);
  napi_value info = js_object(napi);
  const bool src = gst_uri_handler_get_uri_type(handler) == GST_URI_SRC;
  js_set(napi, info, "direction", js_string(napi, src ? "src" : "sink"));
  js_set(napi, info, "protocols", strings(napi, gst_uri_handler_get_protocols(handler)));
  return info;
}

napi_value clocking_to_js(napi_env napi, GstElement* element) {
  napi_value info = js_object(napi);
  js_set(napi, info, "requires", js_bool(napi, GST_OBJECT_FLAG_IS_SET(element, GST_ELEMENT_FLAG_REQUIRE_CLOCK)));
  js_set(napi, info, "provides", js_bool(napi, GST_OBJECT_FLAG_IS_SET(element, GST_ELEMENT_FLAG_PROVIDE_CLOCK)));
  GstClock* clock = gst_element_get_clock(element);
  if (clock != nullptr) {
    js_set(napi, info, "clock", js_string(napi, GST_OBJECT_NAME(clock)));
    gst_object_unref(clock);
  }
  return info;
}

napi_value presets_to_js(napi_env napi, GstElement* element) {
  napi_value list = js_array(napi);
  if (!GST_IS_PRESET(element)) return list;
  auto* preset = GST_PRESET(element);
  gchar** names = gst_preset_get_preset_names(preset);
  for (gchar** name = names; name != nullptr && *name != nullptr; name++) {
    napi_value info = js_object(napi);
    gchar* comment = nullptr;
    js_set(napi, info, "name", js_string(napi, *name));
    if (gst_preset_get_meta(preset, *name, "comment", &comment) && comment != nullptr)
      js_set(napi, info, "comment", js_string(napi, comment));
    g_free(comment);
    js_push(napi, list, info);
  }
  g_strfreev(names);
  return list;
}

napi_value children_to_js(napi_env napi, GstElement* element) {
  napi_value list = js_array(napi);
  if (!GST_IS_BIN(element)) return list;
  for (GList* at = GST_BIN(element)->children; at != nullptr; at = at->next) {
    napi_value info = js_object(napi);
    js_set(napi, info, "name", js_string(napi, GST_OBJECT_NAME(at->data)));
    js_set(napi, info, "type", js_string(napi, G_OBJECT_TYPE_NAME(at->data)));
    js_push(napi, list, info);
  }
  return list;
}

// The name GStreamer gives to the first of its kind. Given by us, it leaves the counter behind such names alone: the
// first element of a pipeline is called the same whether somebody had looked at its kind before or not.
std::string first_name(GstElementFactory* factory) {
  std::string name = g_type_name(gst_element_factory_get_element_type(factory));
  if (name.rfind("Gst", 0) == 0) name.erase(0, 3);
  for (char& c : name) c = g_ascii_tolower(c);
  return name + "0";
}

// (name) -> everything, or null when there is no such element; {unavailable} when it cannot be made on this machine.
napi_value catalog_describe(Env& env, const Args& args) {
  napi_env napi = env.napi();
  const Strong<GstElementFactory> found(gst_element_factory_find(args.string(0).c_str()));
  if (!found) return js_null(napi);
  const Strong<GstPluginFeature> loaded(gst_plugin_feature_load(GST_PLUGIN_FEATURE(found.get())));
  auto* factory = GST_ELEMENT_FACTORY(loaded ? reinterpret_cast<gpointer>(loaded.get()) : found.get());
  GstElement* made = gst_element_factory_create(factory, first_name(factory).c_str());
  napi_value info = summary(napi, factory);
  const Strong<GstPlugin> plugin(gst_plugin_feature_get_plugin(GST_PLUGIN_FEATURE(factory)));
  js_set(napi, info, "metadata", metadata_to_js(napi, factory));
  js_set(napi, info, "pluginDetails", plugin_to_js(napi, plugin.get()));
  js_set(napi, info, "siblings", js_number(napi, count_siblings(plugin.get())));
  js_set(napi, info, "unavailable", js_bool(napi, made == nullptr));
  if (made == nullptr) return info;
  const Strong<GstElement> element(GST_ELEMENT(gst_object_ref_sink(made)));
  js_set(napi, info, "hierarchy", hierarchy_to_js(napi, G_OBJECT_TYPE(made)));
  js_set(napi, info, "interfaces", interfaces_to_js(napi, G_OBJECT_TYPE(made)));
  js_set(napi, info, "templates", templates_to_js(napi, made));
  js_set(napi, info, "pads", pads_to_js(napi, made));
  js_set(napi, info, "clocking", clocking_to_js(napi, made));
  js_set(napi, info, "uri", uri_to_js(napi, made));
  js_set(napi, info, "properties", properties_to_js(napi, G_OBJECT(made), G_TYPE_INVALID));
  js_set(napi, info, "signals", signals_to_js(napi, made));
  js_set(napi, info, "children", children_to_js(napi, made));
  js_set(napi, info, "presets", presets_to_js(napi, made));
  return info;
}

}  // namespace

void init_introspection(Env& env, napi_value exports) {
  define<catalog_factories>(env, exports, "catalogFactories");
  define<catalog_plugins>(env, exports, "catalogPlugins");
  define<catalog_describe>(env, exports, "catalogDescribe");
}

}  // namespace talk
