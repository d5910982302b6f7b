// Data out of an appsink into JS in batches, and into an appsrc with back-pressure.
#pragma once

#include <node_api.h>

#include "env.h"

namespace talk {

// Taps of this process (appsinks that JS listens to, appsrcs it feeds), for the tests that count.
int tap_count();

void init_samples(Env& env, napi_value exports);

}  // namespace talk
