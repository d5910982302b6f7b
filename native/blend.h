// Mouth patches between two others.
#pragma once

#include <node_api.h>

namespace talk {

class Env;

// Adds `blendPatches` to the addon's exports.
void init_blend(Env& env, napi_value exports);

}  // namespace talk
