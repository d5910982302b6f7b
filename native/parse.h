// What gst_parse_* says when it fails.
#pragma once

#include <gst/gst.h>
#include <node_api.h>

#include <string>
#include <vector>

namespace talk {

// GObject tells only the log when a value is out of range or a property cannot be written, and the parser goes on with
// the default. While one of these lives, what is refused on this thread is heard instead.
class Refusals {
 public:
  Refusals();
  ~Refusals();
  Refusals(const Refusals&) = delete;

  // Makes the first refusal of something that `line` sets the error of the parser, if that has none yet.
  void report(const std::string& line, GError** error) const;

 private:
  std::vector<std::string> properties_;
};

// {error: {domain, code, message, missing: [factory]}}
napi_value parse_error_to_js(napi_env napi, const GError* error, GstParseContext* context);

}  // namespace talk
