// Jobs that must not run on the JS thread and must stay in order: one Serial per owner, all of them on one small
// shared pool of threads.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <mutex>

namespace talk {

class Serial : public std::enable_shared_from_this<Serial> {
 public:
  // Runs `job` after all earlier ones, on some pool thread. Jobs should not block for long: the pool is bounded.
  void run(std::function<void()> job);

 private:
  void work();
  std::mutex mutex_;
  std::deque<std::function<void()>> jobs_;
  bool running_ = false;
};

}  // namespace talk
