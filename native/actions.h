// Action signals: `say`, `cut` and the like, emitted from outside and answered by the author's method of that name.
#pragma once

#include <glib-object.h>

#include "spec.h"

namespace talk {

void add_actions(GType type, const TypeSpec& spec);

}  // namespace talk
