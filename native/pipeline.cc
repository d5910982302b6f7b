#include "pipeline.h"

namespace talk {

void init_pipelines(Env&, napi_value) {}

}  // namespace talk
