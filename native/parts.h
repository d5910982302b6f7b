// Functions for JS about the inside of bins and mixers.
#pragma once

#include <node_api.h>

#include "env.h"

namespace talk {

void init_parts(Env& env, napi_value exports);

}  // namespace talk
