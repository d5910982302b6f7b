#include "parse.h"

#include "js.h"

namespace talk {

napi_value parse_error_to_js(napi_env napi, const GError* error, GstParseContext* context) {
  napi_value object = js_object(napi);
  napi_value missing = js_array(napi);
  gchar** names = gst_parse_context_get_missing_elements(context);
  for (gchar** name = names; name != nullptr && *name != nullptr; name++)
    js_push(napi, missing, js_string(napi, *name));
  g_strfreev(names);
  js_set(napi, object, "domain", js_string(napi, error != nullptr ? g_quark_to_string(error->domain) : ""));
  js_set(napi, object, "code", js_number(napi, error != nullptr ? error->code : 0));
  js_set(napi, object, "message", js_string(napi, error != nullptr ? error->message : "nothing to launch"));
  js_set(napi, object, "missing", missing);
  napi_value result = js_object(napi);
  js_set(napi, result, "error", object);
  return result;
}

}  // namespace talk
