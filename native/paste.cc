#include "paste.h"

namespace talk {

void init_paste(Env&, napi_value) {}

}  // namespace talk
