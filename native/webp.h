// WebP files straight to I420: no way round over RGB, which costs four times as much.
#pragma once

#include <node_api.h>

#include "env.h"

namespace talk {

// Adds the kernels to the addon's exports.
void init_webp(Env& env, napi_value exports);

}  // namespace talk
