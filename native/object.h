// Elements, pads and other GObjects as TypeScript sees them: names, properties, children, pads.
#pragma once

#include <glib-object.h>
#include <node_api.h>

#include "env.h"

namespace talk {

void init_objects(Env& env, napi_value exports);

}  // namespace talk
