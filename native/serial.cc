#include "serial.h"

#include <glib.h>

namespace talk {

namespace {

constexpr int kThreads = 8;

GThreadPool* pool() {
  // Never freed: a job may still run while the process ends.
  static GThreadPool* shared = g_thread_pool_new(
      [](gpointer task, gpointer) {
        auto* job = static_cast<std::function<void()>*>(task);
        (*job)();
        delete job;
      },
      nullptr, kThreads, FALSE, nullptr);
  return shared;
}

}  // namespace

void Serial::run(std::function<void()> job) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    jobs_.push_back(std::move(job));
    if (running_) return;
    running_ = true;
  }
  g_thread_pool_push(pool(), new std::function<void()>([self = shared_from_this()] { self->work(); }), nullptr);
}

void Serial::work() {
  for (;;) {
    std::function<void()> job;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (jobs_.empty()) {
        running_ = false;
        return;
      }
      job = std::move(jobs_.front());
      jobs_.pop_front();
    }
    job();
  }
}

}  // namespace talk
