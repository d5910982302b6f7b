// The pipeline half of the addon: parse, state changes off the JS thread, bus, clock, introspection.
#pragma once

#include <node_api.h>

#include "env.h"

namespace talk {

// Adds the pipeline functions to the addon's exports.
void init_pipelines(Env& env, napi_value exports);

}  // namespace talk
