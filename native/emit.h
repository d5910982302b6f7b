// Action signals emitted from JS.
#pragma once

#include <node_api.h>

#include "env.h"

namespace talk {

void init_emit(Env& env, napi_value exports);

}  // namespace talk
