// Where blocking happens. State changes join threads, seeks wait for stream locks and action signals may wait for
// data, so none of them may run on the JS thread (node-gtk deadlocks there) nor on libuv's four threads
// (gstreamer-superficial starves them).
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <set>

namespace talk {

// At most kMost threads for the whole process, started on demand; an idle one leaves after a few seconds. Work
// beyond that waits in order. Jobs that take long do not count any more, up to kMostLong of them: one that stops an element which
// hangs may never come back, and the others must not run out of threads by such.
class ControlPool {
 public:
  static constexpr int kMost = 16;
  static constexpr int kMostLong = 64;
  // For the lanes of pipelines.
  static ControlPool& shared();
  // For calls that wait for data or for a clock. Kept apart: such a call may end only when its pipeline stops, and
  // stopping must find a thread.
  static ControlPool& waits();
  void run(std::function<void()> job);
  int threads();
  // Jobs that wait for a thread.
  size_t waiting();

 private:
  void work();
  // With the lock held:
  int taking_long() const;
  static bool start(std::function<void()> thread);
  void await_place();
  std::mutex mutex_;
  std::condition_variable wake_;
  std::condition_variable place_;  // nobody else's, so that no call of wake_ is lost on it
  // When those began that are under way.
  std::multiset<std::chrono::steady_clock::time_point> begun_;
  std::deque<std::function<void()>> jobs_;
  int threads_ = 0;
  int idle_ = 0;
  bool awaits_place_ = false;
};

// The lanes of one pipeline: its own state changes, everything else that is asked of it (seeks, events, edits), and
// answers to LATENCY. Each is serial, and a job of the others waits for the state changes asked for before it; a state
// change waits only for state changes. So NULL never overtakes PLAYING, and a seek that is stuck behind a paused sink
// never keeps a pipeline from being stopped.
enum class Lane { kState, kEvent, kLatency, kCount };

class ControlQueue : public std::enable_shared_from_this<ControlQueue> {
 public:
  // Jobs that may wait in one pipeline; one more is refused.
  static constexpr size_t kMost = 256;

  // False when full. `always` is for taking down, which is never refused.
  bool push(Lane lane, std::function<void()> job, bool always = false);
  // Waits until nothing of the lane runs, or nothing of it is left at all. False after `ms`.
  bool idle(Lane lane, int ms);
  bool drained(Lane lane, int ms);

 private:
  struct Job {
    Lane lane;
    std::function<void()> run;
  };
  void start_ready();  // with the lock held
  bool running(Lane lane) const { return running_[static_cast<size_t>(lane)]; }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  bool running_[static_cast<size_t>(Lane::kCount)] = {};
};

}  // namespace talk
