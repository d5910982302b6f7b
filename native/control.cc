#include "control.h"

#include <pthread.h>

#include <algorithm>
#include <iterator>
#include <system_error>
#include <thread>
#include <utility>

namespace talk {

namespace {

// Long enough for the next pipeline of a burst, short enough that a quiet server shows no threads of ours.
constexpr auto kIdle = std::chrono::seconds(5);
// A job that has run for so long takes long.
constexpr auto kLong = std::chrono::seconds(2);

}  // namespace

ControlPool& ControlPool::shared() {
  // Never destroyed: a thread of it may outlive main().
  static auto* pool = new ControlPool();
  return *pool;
}

ControlPool& ControlPool::waits() {
  static auto* pool = new ControlPool();
  return *pool;
}

void ControlPool::run(std::function<void()> job) {
  std::lock_guard<std::mutex> lock(mutex_);
  jobs_.push_back(std::move(job));
  if (jobs_.size() <= static_cast<size_t>(idle_)) {
    wake_.notify_one();
  } else if (threads_ - taking_long() < kMost) {
    if (start([this] { work(); })) threads_++;
  } else {
    await_place();
  }
}

// Where there is no thread to be had a job waits for one of the others, or for the next call of run().
bool ControlPool::start(std::function<void()> thread) {
  try {
    std::thread(std::move(thread)).detach();
    return true;
  } catch (const std::system_error&) {
    return false;
  }
}

// One more thread works as soon as enough of the others take long. Nobody else would look: those may never come back.
void ControlPool::await_place() {
  if (awaits_place_) return;
  awaits_place_ = start([this] {
    {
      std::unique_lock<std::mutex> lock(mutex_);
      while (!jobs_.empty() && threads_ - taking_long() >= kMost) {
        const auto next = std::next(begun_.begin(), taking_long());
        const auto at = (next != begun_.end() ? *next : std::chrono::steady_clock::now()) + kLong;
        place_.wait_until(lock, at);
      }
      awaits_place_ = false;
      if (jobs_.empty()) return;
      threads_++;
      if (jobs_.size() > 1) await_place();
    }
    work();
  });
}

int ControlPool::taking_long() const {
  const auto late = begun_.upper_bound(std::chrono::steady_clock::now() - kLong);
  return std::min(kMostLong, static_cast<int>(std::distance(begun_.begin(), late)));
}

void ControlPool::work() {
  pthread_setname_np(pthread_self(), "talk-control");
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    if (jobs_.empty()) {
      idle_++;
      const bool more = wake_.wait_for(lock, kIdle, [this] { return !jobs_.empty(); });
      idle_--;
      if (!more) break;
    }
    auto begun = begun_.end();
    {
      const std::function<void()> job = std::move(jobs_.front());
      jobs_.pop_front();
      begun = begun_.insert(std::chrono::steady_clock::now());
      lock.unlock();
      job();
    }  // what the job captured is released before the lock is taken again
    lock.lock();
    begun_.erase(begun);
  }
  threads_--;
}

int ControlPool::threads() {
  std::lock_guard<std::mutex> lock(mutex_);
  return threads_;
}

size_t ControlPool::waiting() {
  std::lock_guard<std::mutex> lock(mutex_);
  return jobs_.size();
}

bool ControlQueue::push(Lane lane, std::function<void()> job, bool always) {
  std::unique_lock<std::mutex> lock(mutex_);
  if (jobs_.size() >= kMost && !always) return false;
  jobs_.push_back({lane, std::move(job)});
  start_ready();
  return true;
}

void ControlQueue::start_ready() {
  bool state_ahead = running(Lane::kState);
  bool blocked[static_cast<size_t>(Lane::kCount)] = {};
  for (size_t lane = 0; lane < static_cast<size_t>(Lane::kCount); lane++) blocked[lane] = running_[lane];
  for (auto job = jobs_.begin(); job != jobs_.end();) {
    const auto lane = static_cast<size_t>(job->lane);
    const bool is_state = job->lane == Lane::kState;
    const bool ready = !blocked[lane] && (is_state || !state_ahead);
    blocked[lane] = true;
    if (is_state) state_ahead = true;
    if (!ready) {
      ++job;
      continue;
    }
    running_[lane] = true;
    ControlPool::shared().run([self = shared_from_this(), lane, run = std::move(job->run)]() mutable {
      run();
      run = nullptr;  // releases what it captured before the next job of the lane may start
      std::unique_lock<std::mutex> lock(self->mutex_);
      self->running_[lane] = false;
      self->start_ready();
      self->changed_.notify_all();
    });
    job = jobs_.erase(job);
  }
}

bool ControlQueue::idle(Lane lane, int ms) {
  std::unique_lock<std::mutex> lock(mutex_);
  return changed_.wait_for(lock, std::chrono::milliseconds(ms), [&] { return !running(lane); });
}

bool ControlQueue::drained(Lane lane, int ms) {
  std::unique_lock<std::mutex> lock(mutex_);
  return changed_.wait_for(lock, std::chrono::milliseconds(ms), [&] {
    const auto same = [lane](const Job& job) { return job.lane == lane; };
    return !running(lane) && std::none_of(jobs_.begin(), jobs_.end(), same);
  });
}

}  // namespace talk
