// Everything gst-inspect knows of an element, as data: a straight read-out of factory, class and one instance.
#pragma once

#include <gst/gst.h>
#include <node_api.h>

#include "env.h"

namespace talk {

// The properties of an object whose class is (derived from) `below`, sorted by name: [{name, type, ...}].
// Properties of `below` itself and its parents are left out.
napi_value properties_to_js(napi_env napi, GObject* object, GType below);

// The signals an element adds to GstElement's: [{name, action, returns, params}], the most derived class first.
napi_value signals_to_js(napi_env napi, GstElement* element);

void init_introspection(Env& env, napi_value exports);

}  // namespace talk
