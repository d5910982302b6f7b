// What gst_parse_* says when it fails.
#pragma once

#include <gst/gst.h>
#include <node_api.h>

namespace talk {

// {error: {domain, code, message, missing: [factory]}}
napi_value parse_error_to_js(napi_env napi, const GError* error, GstParseContext* context);

}  // namespace talk
