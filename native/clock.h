// The pipeline's clock: the system's, an element's, or a test clock that stands still until it is cranked.
#pragma once

#include <node_api.h>

#include "env.h"

namespace talk {

class Pipeline;

// Fixes the pipeline to a test clock that starts at 0.
void use_test_clock(Pipeline& pipeline);

void init_clock(Env& env, napi_value exports);

}  // namespace talk
