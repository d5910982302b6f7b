// Moves a picture's own pixels and paints over what they uncover: how a mouth opens without losing sharpness.
#pragma once

#include <node_api.h>

#include "env.h"

namespace talk {

// Adds the kernel to the addon's exports.
void init_warp(Env& env, napi_value exports);

}  // namespace talk
