// What reaches an appsink inside a bin, to JS in packed batches; and what else an author does with parts of a bin.
#pragma once

#include <node_api.h>

#include "env.h"

namespace talk {

// Open taps of this process, for the tests that count.
int packet_tap_count();

void init_taps(Env& env, napi_value exports);

}  // namespace talk
