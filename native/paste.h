// Pixel kernels that blend one picture into another.
#pragma once

#include <node_api.h>

#include "env.h"

namespace talk {

// Adds the kernels to the addon's exports.
void init_paste(Env& env, napi_value exports);

}  // namespace talk
