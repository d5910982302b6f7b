#include "parse.h"

#include <cstring>

#include "js.h"

namespace talk {

namespace {

thread_local std::vector<std::string>* hearing = nullptr;

// `value "99.0" of type 'gdouble' is invalid or out of range for property 'volume' of type 'gdouble'`
// `g_object_new_is_valid_property: property 'stats' of object class 'GstQueue' is not writable`
bool refusal(const gchar* message, std::string* property) {
  const bool unwritable = g_str_has_suffix(message, "is not writable");
  if (!unwritable && strstr(message, "out of range for property") == nullptr) return false;
  const char* begin = strstr(message, "property '");
  const char* end = begin != nullptr ? strchr(begin + 10, '\'') : nullptr;
  if (end == nullptr) return false;
  property->assign(begin + 10, end);
  return true;
}

void on_log(const gchar* domain, GLogLevelFlags level, const gchar* message, gpointer) {
  std::string property;
  if (hearing != nullptr && refusal(message, &property)) {
    hearing->push_back(property);
  } else {
    g_log_default_handler(domain, level, message, nullptr);
  }
}

// An element may itself set a child's property wrongly while it is made; that is not the line's fault.
bool sets(std::string line, const std::string& property) {
  for (char& c : line) c = c == '_' ? '-' : c;
  for (size_t at = line.find(property); at != std::string::npos; at = line.find(property, at + 1)) {
    const size_t next = line.find_first_not_of(" \t\n", at + property.size());
    if (next != std::string::npos && line[next] == '=') return true;
  }
  return false;
}

}  // namespace

Refusals::Refusals() {
  // For good: taking a handler away while another thread logs is a race.
  static const guint handler = g_log_set_handler(
      "GLib-GObject", static_cast<GLogLevelFlags>(G_LOG_LEVEL_WARNING | G_LOG_LEVEL_CRITICAL), on_log, nullptr);
  (void)handler;
  hearing = &properties_;
}

Refusals::~Refusals() { hearing = nullptr; }

void Refusals::report(const std::string& line, GError** error) const {
  for (const std::string& property : properties_) {
    if (*error != nullptr || !sets(line, property)) continue;
    g_set_error(error, GST_PARSE_ERROR, GST_PARSE_ERROR_COULD_NOT_SET_PROPERTY, "could not set property \"%s\"",
                property.c_str());
  }
}

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
