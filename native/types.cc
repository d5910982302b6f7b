#include "types.h"

#include <gst/base/gstaggregator.h>

#include <map>
#include <mutex>

#include "actions.h"
#include "element.h"
#include "lent.h"

namespace talk {

namespace {

struct Type {
  TypeSpec spec;
  const Base* base = nullptr;
  GType gtype = 0;
  GType stock = 0;  // of the element whose properties it has besides
  gsize tail = 0;  // where the pointer to the C++ half stands in an instance
  std::vector<GType> enums;  // per property, 0 where it is none
};

// Types live as long as the process, like GTypes do.
std::mutex& types_mutex() {
  static auto* mutex = new std::mutex();
  return *mutex;
}
std::map<std::string, Type*>& types() {
  static auto* map = new std::map<std::string, Type*>();
  return *map;
}
std::map<std::string, GstElementFactory*>& shadowed() {
  static auto* map = new std::map<std::string, GstElementFactory*>();
  return *map;
}
GQuark type_quark() {
  static const GQuark quark = g_quark_from_static_string("talkgraph-type");
  return quark;
}

const Type* type_of(GType gtype) { return static_cast<Type*>(g_type_get_qdata(gtype, type_quark())); }

const Base& base_of(Verb verb) {
  switch (verb) {
    case Verb::kSource: return source_base();
    case Verb::kTransform: return transform_base();
    case Verb::kPipe: return pipe_base();
    case Verb::kMixer: return mixer_base();
    case Verb::kSink: return sink_base();
    case Verb::kBin: break;
  }
  return bin_base();
}

// Strings that GLib keeps pointers to.
const char* keep(const std::string& text) { return g_intern_string(text.c_str()); }

GType register_enum(const TypeSpec& spec, const PropertySpec& property) {
  auto* values = g_new0(GEnumValue, property.values.size() + 1);
  for (size_t i = 0; i < property.values.size(); i++) {
    values[i].value = static_cast<gint>(i);
    values[i].value_name = values[i].value_nick = keep(property.values[i]);
  }
  std::string name = spec.type_name + "_" + property.name;
  for (char& c : name) {
    if (!g_ascii_isalnum(c)) c = '_';
  }
  return g_enum_register_static(keep(name), values);
}

GType gtype_of(const Type& type, size_t index) {
  switch (type.spec.properties[index].type) {
    case PropertyType::kBool: return G_TYPE_BOOLEAN;
    case PropertyType::kInt: return G_TYPE_INT;
    case PropertyType::kUint: return G_TYPE_UINT;
    case PropertyType::kInt64: return G_TYPE_INT64;
    case PropertyType::kUint64: return G_TYPE_UINT64;
    case PropertyType::kDouble: return G_TYPE_DOUBLE;
    case PropertyType::kEnum: return type.enums[index];
    default: return G_TYPE_STRING;
  }
}

gint enum_default(const PropertySpec& property) {
  for (size_t i = 0; i < property.values.size(); i++) {
    if (property.values[i] == property.text) return static_cast<gint>(i);
  }
  return 0;
}

GParamSpec* make_pspec(const Type& type, size_t index) {
  const PropertySpec& p = type.spec.properties[index];
  guint flags = G_PARAM_STATIC_STRINGS;
  // A secret can be set but not read back, so no dump and no inspector ever prints it.
  if (!p.secret) flags |= G_PARAM_READABLE;
  if (!p.readonly) flags |= G_PARAM_WRITABLE;
  if (p.when == Mutable::kReady) flags |= GST_PARAM_MUTABLE_READY;
  if (p.when == Mutable::kPlaying) flags |= GST_PARAM_MUTABLE_PLAYING;
  const char* name = keep(p.name);
  const char* nick = keep(p.unit.empty() ? p.name : p.name + " (" + p.unit + ")");
  const char* blurb = keep(p.blurb);
  const auto f = static_cast<GParamFlags>(flags);
  switch (p.type) {
    case PropertyType::kBool:
      return g_param_spec_boolean(name, nick, blurb, p.number != 0, f);
    case PropertyType::kInt:
      return g_param_spec_int(name, nick, blurb, static_cast<gint>(p.min), static_cast<gint>(p.max),
                              static_cast<gint>(p.number), f);
    case PropertyType::kUint:
      return g_param_spec_uint(name, nick, blurb, static_cast<guint>(p.min), static_cast<guint>(p.max),
                               static_cast<guint>(p.number), f);
    case PropertyType::kInt64:
      return g_param_spec_int64(name, nick, blurb, static_cast<gint64>(p.min), static_cast<gint64>(p.max),
                                static_cast<gint64>(p.number), f);
    case PropertyType::kUint64:
      return g_param_spec_uint64(name, nick, blurb, static_cast<guint64>(p.min), static_cast<guint64>(p.max),
                                 static_cast<guint64>(p.number), f);
    case PropertyType::kDouble:
      return g_param_spec_double(name, nick, blurb, p.min, p.max, p.number, f);
    case PropertyType::kEnum:
      return g_param_spec_enum(name, nick, blurb, type.enums[index], enum_default(p), f);
    default:
      return g_param_spec_string(name, nick, blurb, p.text.c_str(), f);
  }
}

void set_property(GObject* object, guint id, const GValue* value, GParamSpec* pspec) {
  Element* element = Element::of(object);
  if (id <= element->spec().properties.size()) {
    element->set_property(id - 1, value, pspec);
  } else {
    element->set_lent(pspec, value);
  }
}

void get_property(GObject* object, guint id, GValue* value, GParamSpec* pspec) {
  Element* element = Element::of(object);
  if (id <= element->spec().properties.size()) {
    element->get_property(id - 1, value);
  } else {
    element->get_lent(pspec, value);
  }
}

void finalize(GObject* object) {
  auto* parent = parent_class<GObjectClass>(object);
  // At NULL no thread of the base class runs any more, so nobody looks at the C++ half.
  delete Element::of(object);
  parent->finalize(object);
}

GstStateChangeReturn change_state(GstElement* gst, GstStateChange transition) {
  return Element::of(gst)->change_state(transition, parent_class<GstElementClass>(gst));
}

void class_init(gpointer klass, gpointer data) {
  const Type& type = *static_cast<Type*>(data);
  const TypeSpec& spec = type.spec;
  auto* object_class = G_OBJECT_CLASS(klass);
  auto* element_class = GST_ELEMENT_CLASS(klass);
  object_class->set_property = set_property;
  object_class->get_property = get_property;
  object_class->finalize = finalize;
  element_class->change_state = change_state;
  gst_element_class_set_static_metadata(element_class, keep(spec.long_name), keep(spec.klass),
                                        keep(spec.description), keep(spec.author));
  const GType pad_type = spec.verb == Verb::kMixer ? gst_aggregator_pad_get_type() : G_TYPE_NONE;
  for (const PadSpec& pad : spec.pads) {
    gst_element_class_add_pad_template(element_class, make_template(pad, pad_type));
  }
  for (size_t i = 0; i < spec.properties.size(); i++) {
    g_object_class_install_property(object_class, static_cast<guint>(i + 1), make_pspec(type, i));
  }
  if (type.stock != 0) lend_properties(object_class, type.stock, static_cast<guint>(spec.properties.size() + 1));
  add_actions(type.gtype, spec);
  type.base->wire(klass, spec);
}

void instance_init(GTypeInstance* instance, gpointer klass) {
  // The class argument is the most derived one; the instance's own class pointer is not set yet.
  const Type& type = *type_of(G_TYPE_FROM_CLASS(klass));
  Element* element = type.base->make(GST_ELEMENT(instance), type.spec);
  *reinterpret_cast<Element**>(reinterpret_cast<char*>(instance) + type.tail) = element;
  if (type.base->prepare != nullptr) type.base->prepare(element);
}

// A plugin that is loaded later would register its element over ours, and a factory that is held unloaded would
// create ours, endlessly: so load what has the name first, and keep it for whoever wraps it.
void load_stock(const std::string& name) {
  if (shadowed().count(name) != 0 || types().count(name) != 0) return;
  GstElementFactory* factory = gst_element_factory_find(name.c_str());
  if (factory == nullptr) return;
  GstPluginFeature* loaded = gst_plugin_feature_load(GST_PLUGIN_FEATURE(factory));
  gst_object_unref(factory);
  if (loaded != nullptr) shadowed()[name] = GST_ELEMENT_FACTORY(loaded);
}

}  // namespace

Element* Element::of(gpointer instance) {
  const Type* type = type_of(G_TYPE_FROM_INSTANCE(instance));
  return *reinterpret_cast<Element**>(static_cast<char*>(instance) + type->tail);
}

Element* Element::of_any(gpointer instance) {
  return type_of(G_TYPE_FROM_INSTANCE(instance)) != nullptr ? of(instance) : nullptr;
}

GstPadTemplate* make_template(const PadSpec& pad, GType pad_type) {
  GstCaps* caps = gst_caps_from_string(pad.caps.c_str());
  GstPadTemplate* result =
      pad_type == G_TYPE_NONE
          ? gst_pad_template_new(keep(pad.name), pad.direction, pad.presence, caps)
          : gst_pad_template_new_with_gtype(keep(pad.name), pad.direction, pad.presence, caps, pad_type);
  gst_caps_unref(caps);
  return result;
}

void init_value(const TypeSpec& spec, size_t index, GValue* value) {
  const Type* type = type_of(g_type_from_name(spec.type_name.c_str()));
  const PropertySpec& p = spec.properties[index];
  g_value_init(value, gtype_of(*type, index));
  switch (p.type) {
    case PropertyType::kBool: g_value_set_boolean(value, p.number != 0); break;
    case PropertyType::kInt: g_value_set_int(value, static_cast<gint>(p.number)); break;
    case PropertyType::kUint: g_value_set_uint(value, static_cast<guint>(p.number)); break;
    case PropertyType::kInt64: g_value_set_int64(value, static_cast<gint64>(p.number)); break;
    case PropertyType::kUint64: g_value_set_uint64(value, static_cast<guint64>(p.number)); break;
    case PropertyType::kDouble: g_value_set_double(value, p.number); break;
    case PropertyType::kEnum: g_value_set_enum(value, enum_default(p)); break;
    default: g_value_set_string(value, p.text.c_str()); break;
  }
}

GstElementFactory* shadowed_factory(const std::string& name) {
  std::lock_guard<std::mutex> lock(types_mutex());
  const auto found = shadowed().find(name);
  return found != shadowed().end() ? found->second : nullptr;
}

bool is_ours(const std::string& name) {
  std::lock_guard<std::mutex> lock(types_mutex());
  return types().count(name) != 0;
}

std::string register_type(TypeSpec spec) {
  std::lock_guard<std::mutex> lock(types_mutex());
  const auto known = types().find(spec.name);
  if (known != types().end()) {
    if (known->second->spec.key == spec.key) return {};
    return "element " + spec.name +
           " is registered already with another declaration; a type cannot change while the process lives";
  }
  if (g_type_from_name(spec.type_name.c_str()) != 0) return "the type name " + spec.type_name + " is taken";

  auto* type = new Type();
  type->base = &base_of(spec.verb);
  type->spec = std::move(spec);
  for (const PropertySpec& property : type->spec.properties) {
    type->enums.push_back(property.type == PropertyType::kEnum ? register_enum(type->spec, property) : 0);
  }
  load_stock(type->spec.name);
  load_stock(type->spec.stock);
  const auto stock = shadowed().find(type->spec.stock);
  if (stock != shadowed().end()) type->stock = gst_element_factory_get_element_type(stock->second);

  GTypeQuery parent;
  g_type_query(type->base->parent(), &parent);
  type->tail = (parent.instance_size + 15) & ~gsize{15};
  GTypeInfo info = {};
  info.class_size = static_cast<guint16>(parent.class_size);
  info.class_init = class_init;
  info.class_data = type;
  info.instance_size = static_cast<guint16>(type->tail + sizeof(Element*));
  info.instance_init = instance_init;
  type->gtype = g_type_register_static(parent.type, keep(type->spec.type_name), &info, GTypeFlags(0));
  if (type->gtype == 0) return "GObject refused the type name " + type->spec.type_name;
  g_type_set_qdata(type->gtype, type_quark(), type);
  // Made now, so that mistakes in templates show at registration and not in a viewer's session.
  g_type_class_unref(g_type_class_ref(type->gtype));
  if (!gst_element_register(nullptr, keep(type->spec.name), GST_RANK_NONE, type->gtype)) {
    return "GStreamer refused the element name " + type->spec.name;
  }
  types()[type->spec.name] = type;
  return {};
}

}  // namespace talk
