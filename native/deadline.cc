#include "deadline.h"

#include <pthread.h>
#include <unistd.h>

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <system_error>
#include <thread>

#include "js.h"

namespace talk {

namespace {

// One for the process. Never destroyed: its thread outlives main().
struct Deadline {
  std::mutex mutex;
  std::condition_variable changed;
  std::chrono::steady_clock::time_point at;
  int code = 0;
  bool waited_for = false;
};

Deadline& deadline() {
  static auto* one = new Deadline();
  return *one;
}

void wait() {
  pthread_setname_np(pthread_self(), "talk-deadline");
  Deadline& one = deadline();
  std::unique_lock<std::mutex> lock(one.mutex);
  while (std::chrono::steady_clock::now() < one.at) one.changed.wait_until(lock, one.at);
  // Not exit(): that waits for workers, and runs the last words of libraries beside threads that still use them.
  _exit(one.code);
}

// (ms, code): the process ends with this code in so many milliseconds, whatever hangs, unless it has ended by itself. The last call
// counts. False when there is no thread to be had for it.
napi_value end_by(Env& env, const Args& args) {
  Deadline& one = deadline();
  const std::lock_guard<std::mutex> lock(one.mutex);
  one.at = std::chrono::steady_clock::now() + std::chrono::milliseconds(args.u32(0));
  one.code = static_cast<int>(args.u32(1));
  one.changed.notify_all();
  if (one.waited_for) return js_bool(env.napi(), true);
  try {
    std::thread(wait).detach();
    one.waited_for = true;
  } catch (const std::system_error&) {
  }
  return js_bool(env.napi(), one.waited_for);
}

}  // namespace

void init_deadline(Env& env, napi_value exports) { define<end_by>(env, exports, "endBy"); }

}  // namespace talk
