// Waits on the pipeline clock, so that somebody can still change their mind. A source uses it to pace what it
// pushes ahead; a held element uses it to keep each buffer until the last moment that still meets the sink of its
// branch: running time + pipeline latency - latency of what follows.
#pragma once

#include <gst/gst.h>

#include <condition_variable>
#include <cstdint>
#include <mutex>

namespace talk {

class Gate {
 public:
  enum class Wake { kTime, kFlush, kCut };

  // Waits until running time `when`. One thread at a time. Pausing suspends the wait; flushing and a `cut` after
  // the `seen` one end it. A test clock works like any other.
  Wake wait(GstElement* element, GstClockTime when, uint64_t seen);

  void set_flushing(bool flushing);
  void set_playing(bool playing);
  // Ends the wait: what it waits with is old now.
  void cut();
  uint64_t cuts();

 private:
  void wake(std::unique_lock<std::mutex>& lock);

  std::mutex mutex_;
  std::condition_variable cond_;
  bool flushing_ = true;
  bool playing_ = false;
  uint64_t cuts_ = 0;
  GstClockID waiting_ = nullptr;
};

}  // namespace talk
