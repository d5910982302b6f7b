// The end of the process at a moment that nothing can put off.
#pragma once

#include <node_api.h>

#include "env.h"

namespace talk {

void init_deadline(Env& env, napi_value exports);

}  // namespace talk
