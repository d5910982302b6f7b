// Which speech a sink pad lets through. A cut names a new epoch before any of its data arrives; from then on the
// data of older epochs is dropped until the serialized epoch event says that the new one begins.
#pragma once

#include <gst/gst.h>

#include <atomic>

namespace talk {

constexpr const char* kCutEvent = "talkgraph/cut";
constexpr const char* kEpochEvent = "talkgraph/epoch";
// What a held element tells upstream: where in the media a cut took effect.
constexpr const char* kGateEvent = "talkgraph/gate";
// The same way down again, in band, when a schedule is replayed: from here on old data ends where it did then ...
constexpr const char* kReplayCutEvent = "talkgraph/replay-cut";
// ... and the data that follows is new.
constexpr const char* kReplayEpochEvent = "talkgraph/replay-epoch";

class Epoch {
 public:
  // A stream starts anew.
  void reset() {
    wanted_ = have_ = 0;
    discont_ = false;
    begins_ = GST_CLOCK_TIME_NONE;
    replay(nullptr);
  }
  // A flush may have taken the epoch event with it: what comes now is taken as new.
  void flushed() {
    have_.store(wanted_.load());
    begins_ = GST_CLOCK_TIME_NONE;
  }
  // True when this cut is news.
  bool cut(const GstStructure* event);
  // The epoch that the following data belongs to.
  void begin(const GstStructure* event);
  // True while data is of an older epoch than wanted.
  bool stale() const { return have_.load(std::memory_order_acquire) < wanted_.load(std::memory_order_acquire); }
  gint64 have() const { return have_.load(std::memory_order_acquire); }
  gint64 wanted() const { return wanted_.load(std::memory_order_acquire); }
  // True once after data has been dropped: the next buffer is DISCONT.
  bool take_discont() { return discont_.exchange(false); }

  // True for what a resampler still gives of the old data when the first of the new makes it start anew: it comes
  // behind the epoch event. Streaming thread only, once for each buffer.
  bool leftover(GstBuffer* buffer);

  // --- a cut known beforehand, by media time; streaming thread only ---
  void replay(const GstStructure* event);  // null: nothing is known
  void replayed(const GstStructure* event);
  // Old sound fades from the one to the other; pictures from the last one on have no old data. NONE: no end is known.
  GstClockTime sound_end() const { return sound_end_; }
  GstClockTime fade_end() const { return fade_end_; }
  GstClockTime picture_end() const { return picture_end_; }

 private:
  std::atomic<gint64> wanted_{0}, have_{0};
  std::atomic<bool> discont_{false};
  void await(const GstStructure* event);

  GstClockTime begins_ = GST_CLOCK_TIME_NONE;  // where the new data begins, until it is there
  int leftovers_ = 0;
  GstClockTime sound_end_ = GST_CLOCK_TIME_NONE, fade_end_ = GST_CLOCK_TIME_NONE, picture_end_ = GST_CLOCK_TIME_NONE;
};

}  // namespace talk
