// Changing a running pipeline: adding, linking, removing, pads that are held still, events put in.
#pragma once

#include <node_api.h>

#include "env.h"

namespace talk {

void init_edit(Env& env, napi_value exports);
void init_pads(Env& env, napi_value exports);
void init_meters(Env& env, napi_value exports);
void init_events(Env& env, napi_value exports);

}  // namespace talk
