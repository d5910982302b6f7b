// Parts of a bin that may fail without taking bin and stream with them: an encoder of a graphics card, in whose place another one
// is put. What such a part posts as an error only its bin is told, and from then on it is given nothing more.
#pragma once

#include <gst/gst.h>
#include <node_api.h>

#include "env.h"

namespace talk {

// True when it is the error of a guarded part of this bin, which has been told (Op::kMessage, `part-failed`). Any thread.
bool guard_takes(GstBin* bin, GstMessage* error);

// Brings all children to the state of their bin; a guarded one that does not get there is told like one that failed later.
bool guard_start(GstBin* bin);

void init_guards(Env& env, napi_value exports);

}  // namespace talk
