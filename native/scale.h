// Whole I420 pictures: copied, scaled into a rectangle, cropped to RGB.
#pragma once

#include <node_api.h>

#include "env.h"

namespace talk {

// Adds the kernels to the addon's exports.
void init_scale(Env& env, napi_value exports);

}  // namespace talk
