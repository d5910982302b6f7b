// The half of value.h's from_js() that makes boxed values. Not for other files.
#pragma once

#include <gst/gst.h>
#include <node_api.h>

#include <string>

namespace talk {

/// True for an ArrayBuffer, typed array or Buffer.
bool is_bytes(napi_env napi, napi_value value);

/// As from_js(), for a GValue already initialised with a boxed `type`.
std::string boxed_from_js(napi_env napi, napi_value value, GType type, GValue* out);

}  // namespace talk
