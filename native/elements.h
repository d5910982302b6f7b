// The element half of the addon: everything behind a TypeScript class that GStreamer sees as a GType.
#pragma once

#include <node_api.h>

#include "env.h"

namespace talk {

// Adds the element functions to the addon's exports.
void init_elements(Env& env, napi_value exports);

}  // namespace talk
