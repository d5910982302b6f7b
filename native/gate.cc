#include "gate.h"

namespace talk {

Gate::Wake Gate::wait(GstElement* element, GstClockTime when, uint64_t seen) {
  std::unique_lock<std::mutex> lock(mutex_);
  for (;;) {
    if (flushing_) return Wake::kFlush;
    if (cuts_ != seen) return Wake::kCut;
    if (!playing_) {
      // Running time stands still, so this wait does, too.
      cond_.wait(lock);
      continue;
    }
    GstClock* clock = gst_element_get_clock(element);
    const GstClockTime base = gst_element_get_base_time(element);
    if (clock == nullptr || !GST_CLOCK_TIME_IS_VALID(base)) {
      if (clock != nullptr) gst_object_unref(clock);
      return Wake::kTime;
    }
    // Already past: asking the clock would only cost a turn, and a test clock would wait to be cranked.
    if (gst_clock_get_time(clock) >= base + when) {
      gst_object_unref(clock);
      return Wake::kTime;
    }
    GstClockID id = gst_clock_new_single_shot_id(clock, base + when);
    waiting_ = id;
    lock.unlock();
    const GstClockReturn result = gst_clock_id_wait(id, nullptr);
    lock.lock();
    waiting_ = nullptr;
    gst_clock_id_unref(id);
    gst_object_unref(clock);
    // Unscheduled: look again at what happened. Everything else (early, done, bad time) means: it is time.
    if (result != GST_CLOCK_UNSCHEDULED) {
      if (flushing_) return Wake::kFlush;
      return cuts_ != seen ? Wake::kCut : Wake::kTime;
    }
  }
}

void Gate::wake(std::unique_lock<std::mutex>&) {
  cond_.notify_all();
  if (waiting_ != nullptr) gst_clock_id_unschedule(waiting_);
}

void Gate::set_flushing(bool flushing) {
  std::unique_lock<std::mutex> lock(mutex_);
  flushing_ = flushing;
  if (flushing) wake(lock);
}

void Gate::set_playing(bool playing) {
  std::unique_lock<std::mutex> lock(mutex_);
  playing_ = playing;
  wake(lock);
}

void Gate::cut() {
  std::unique_lock<std::mutex> lock(mutex_);
  cuts_++;
  wake(lock);
}

uint64_t Gate::cuts() {
  std::lock_guard<std::mutex> lock(mutex_);
  return cuts_;
}

}  // namespace talk
