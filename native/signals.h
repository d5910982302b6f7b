// GObject signals: JS listeners on stock elements and action signals emitted from JS.
#pragma once

#include <node_api.h>

#include "env.h"

namespace talk {

// Connections of this process, for the tests that count.
int signal_count();

void init_signals(Env& env, napi_value exports);

}  // namespace talk
