#include "autoplug.h"

#include <gst/gst.h>

#include <string>

namespace talk {

void keep_files_to_themselves() {
  // Lists of pieces (HLS, DASH, Smooth Streaming), sessions (SDP), edits (GES). Those of adaptivedemux2 refuse to work in decodebin.
  constexpr const char* kOpening[] = {"hlsdemux", "dashdemux", "mssdemux", "sdpdemux", "gesdemux"};
  const char* set = g_getenv("GST_PLUGIN_FEATURE_RANK");
  const std::string said = "," + std::string(set == nullptr ? "" : set);
  GstRegistry* registry = gst_registry_get();
  for (const char* name : kOpening) {
    if (said.find("," + std::string(name) + ":") != std::string::npos) continue;
    GstPluginFeature* feature = gst_registry_lookup_feature(registry, name);
    if (feature == nullptr) continue;
    gst_plugin_feature_set_rank(feature, GST_RANK_NONE);
    gst_object_unref(feature);
  }
}

}  // namespace talk
