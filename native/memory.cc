#include "memory.h"

#include <malloc.h>

#include "js.h"

namespace talk {

namespace {

// memory() -> bytes in use of all arenas; gives free pages back to the system first, so that what the process still holds
// is in use, too. Undefined where the C library does not count.
napi_value memory(Env& env, const Args&) {
#ifdef __GLIBC__
  malloc_trim(0);
  const struct mallinfo2 info = mallinfo2();
  return js_number(env.napi(), static_cast<double>(info.uordblks) + static_cast<double>(info.hblkhd));
#else
  return js_undefined(env.napi());
#endif
}

}  // namespace

void init_memory(Env& env, napi_value exports) { define<memory>(env, exports, "memory"); }

}  // namespace talk
