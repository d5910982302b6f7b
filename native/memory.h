// What malloc has handed out, for soaks: pages that a process holds say little about what it has forgotten to free.
#pragma once

#include <node_api.h>

#include "env.h"

namespace talk {

void init_memory(Env& env, napi_value exports);

}  // namespace talk
