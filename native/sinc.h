// The inner loop of src/voice/resample.ts: a polyphase filter over 16-bit speech.
#pragma once

#include <node_api.h>

#include "env.h"

namespace talk {

// Adds the kernel to the addon's exports.
void init_sinc(Env& env, napi_value exports);

}  // namespace talk
