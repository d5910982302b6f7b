#include "memory.h"

#include <malloc.h>

#include <algorithm>
#include <cstdlib>
#include <thread>

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

// glibc gives threads up to eight arenas per core, and each keeps pages of its own for good: a service whose sessions come and
// go, each with some ten threads, held 450 to 510 MiB where it holds 350 with one per core (soak/sessions, 2 cores). No more
// threads than that allocate at once. What is set from outside stands (mallopt(3): MALLOC_ARENA_MAX).
void limit_arenas() {
#ifdef __GLIBC__
  if (std::getenv("MALLOC_ARENA_MAX") != nullptr || std::getenv("GLIBC_TUNABLES") != nullptr) return;
  mallopt(M_ARENA_MAX, std::max(2, static_cast<int>(std::thread::hardware_concurrency())));
#endif
}

}  // namespace

void init_memory(Env& env, napi_value exports) {
  limit_arenas();
  define<memory>(env, exports, "memory");
}

}  // namespace talk
