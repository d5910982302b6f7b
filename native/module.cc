// Entry of the addon. Context-aware: every isolate that loads it gets an environment of its own.
#include <gst/gst.h>
#include <node_api.h>

#include <mutex>
#include <string>

#include "autoplug.h"
#include "blend.h"
#include "deadline.h"
#include "elements.h"
#include "env.h"
#include "guard.h"
#include "memory.h"
#include "over.h"
#include "pipeline.h"
#include "scale.h"
#include "sinc.h"
#include "stroke.h"
#include "tap.h"
#include "webp.h"

namespace {

// GStreamer is started once per process, whichever isolate comes first. Empty when it worked.
const std::string& start_gstreamer() {
  static std::once_flag once;
  static std::string* problem = new std::string();
  std::call_once(once, [] {
    GError* error = nullptr;
    if (!gst_init_check(nullptr, nullptr, &error)) {
      *problem = error != nullptr ? error->message : "gst_init_check failed";
    } else {
      talk::keep_files_to_themselves();
    }
    g_clear_error(&error);
  });
  return *problem;
}

}  // namespace

NAPI_MODULE_INIT() {
  const std::string& problem = start_gstreamer();
  if (!problem.empty()) {
    napi_throw_error(env, nullptr, ("GStreamer does not start: " + problem).c_str());
    return nullptr;
  }
  const std::shared_ptr<talk::Env> opened = talk::Env::open(env);
  if (opened == nullptr) {
    napi_throw_error(env, nullptr, "Node refused a thread-safe function");
    return nullptr;
  }
  talk::init_elements(*opened, exports);
  talk::init_pipelines(*opened, exports);
  talk::init_scale(*opened, exports);
  talk::init_stroke(*opened, exports);
  talk::init_blend(*opened, exports);
  talk::init_sinc(*opened, exports);
  talk::init_webp(*opened, exports);
  talk::init_over(*opened, exports);
  talk::init_guards(*opened, exports);
  talk::init_taps(*opened, exports);
  talk::init_memory(*opened, exports);
  talk::init_deadline(*opened, exports);
  return exports;
}
