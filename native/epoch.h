// Which speech a sink pad lets through. A cut names a new epoch before any of its data arrives; from then on the
// data of older epochs is dropped until the serialized epoch event says that the new one begins.
#pragma once

#include <gst/gst.h>

#include <atomic>

namespace talk {

constexpr const char* kCutEvent = "talkgraph/cut";
constexpr const char* kEpochEvent = "talkgraph/epoch";

class Epoch {
 public:
  // A stream starts anew.
  void reset() { wanted_ = have_ = 0; discont_ = false; }
  // A flush may have taken the epoch event with it: what comes now is taken as new.
  void flushed() { have_.store(wanted_.load()); }
  // True when this cut is news.
  bool cut(const GstStructure* event);
  // The epoch that the following data belongs to.
  void begin(const GstStructure* event);
  // True while data is of an older epoch than wanted.
  bool stale() const { return have_.load(std::memory_order_acquire) < wanted_.load(std::memory_order_acquire); }
  gint64 wanted() const { return wanted_.load(std::memory_order_acquire); }
  // True once after data has been dropped: the next buffer is DISCONT.
  bool take_discont() { return discont_.exchange(false); }

 private:
  std::atomic<gint64> wanted_{0}, have_{0};
  std::atomic<bool> discont_{false};
};

}  // namespace talk
