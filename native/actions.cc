#include "actions.h"

#include <gst/gst.h>

#include "element.h"

namespace talk {

namespace {

GType param_type(const std::string& type) {
  if (type == "bool") return G_TYPE_BOOLEAN;
  if (type == "int") return G_TYPE_INT;
  if (type == "uint") return G_TYPE_UINT;
  if (type == "int64") return G_TYPE_INT64;
  if (type == "uint64") return G_TYPE_UINT64;
  if (type == "double") return G_TYPE_DOUBLE;
  if (type == "bytes") return G_TYPE_BYTES;
  return G_TYPE_STRING;
}

// The class closure of an action: tells JS, by name, with the arguments as a flat record.
void on_action(GClosure* closure, GValue*, guint count, const GValue* values, gpointer, gpointer) {
  const auto* signal = static_cast<const SignalSpec*>(closure->data);
  Element* element = Element::of(g_value_get_object(&values[0]));
  GstStructure* arguments = gst_structure_new_empty("arguments");
  for (guint i = 1; i < count && i <= signal->params.size(); i++) {
    const GValue* value = &values[i];
    // What was not given arrives as null; in the record it is simply not there.
    if (G_VALUE_HOLDS_STRING(value) && g_value_get_string(value) == nullptr) continue;
    if (G_VALUE_HOLDS_BOXED(value) && g_value_get_boxed(value) == nullptr) continue;
    gst_structure_set_value(arguments, signal->params[i - 1].name.c_str(), value);
  }
  element->tell(Op::kAction, signal->name, 0, arguments);
}

}  // namespace

void add_actions(GType type, const TypeSpec& spec) {
  for (const SignalSpec& signal : spec.signals) {
    std::vector<GType> params;
    for (const ParamSpec& param : signal.params) params.push_back(param_type(param.type));
    GClosure* closure = g_closure_new_simple(sizeof(GClosure), const_cast<SignalSpec*>(&signal));
    g_closure_set_marshal(closure, on_action);
    g_signal_newv(signal.name.c_str(), type, static_cast<GSignalFlags>(G_SIGNAL_RUN_LAST | G_SIGNAL_ACTION), closure,
                  nullptr, nullptr, nullptr, G_TYPE_NONE, static_cast<guint>(params.size()), params.data());
  }
}

}  // namespace talk
