// Pixel kernels that put one picture into another: the mouth patch, a whole frame, a scaled frame.
#pragma once

#include <node_api.h>

#include "env.h"

namespace talk {

// Adds the kernels to the addon's exports.
void init_paste(Env& env, napi_value exports);

}  // namespace talk
