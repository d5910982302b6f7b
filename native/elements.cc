#include "elements.h"

#include "js.h"

namespace talk {

void init_elements(Env&, napi_value) {}

}  // namespace talk
