// From a declaration to a GType: registered once per process, whichever isolate comes first.
#pragma once

#include <gst/gst.h>

#include <string>

#include "spec.h"

namespace talk {

class Element;

// Registers the type and its element factory. On failure the result is a sentence, else empty. The same declaration
// again is fine (another isolate); a different one under the same name is not.
std::string register_type(TypeSpec spec);

// Initialises a GValue with the type and default of a property.
void init_value(const TypeSpec& spec, size_t index, GValue* value);

// The factory of the stock element that one of our names shadows, loaded; null when there is none. Not reffed.
GstElementFactory* shadowed_factory(const std::string& name);

// True when a type of ours has this factory name.
bool is_ours(const std::string& name);

// What a verb brings along: its GStreamer base class, its vfuncs, its C++ half.
struct Base {
  GType (*parent)();
  void (*wire)(gpointer klass, const TypeSpec& spec);
  Element* (*make)(GstElement* gst, const TypeSpec& spec);
  // In instance_init, after the C++ half is there: pads and defaults of the base class.
  void (*prepare)(Element* element);
};
const Base& source_base();
const Base& transform_base();
const Base& pipe_base();
const Base& mixer_base();
const Base& sink_base();
const Base& bin_base();

// The class behind one of ours, for chaining up.
template <typename Class>
Class* parent_class(gpointer instance) {
  return static_cast<Class*>(g_type_class_peek_parent(G_OBJECT_GET_CLASS(instance)));
}

GstPadTemplate* make_template(const PadSpec& pad, GType pad_type);

}  // namespace talk
