// The three latencies an element knows: what it adds itself (told by its author, answered as data), what the whole
// pipeline has (the LATENCY event), and what follows it up to the sink of its branch (asked when the pipeline's
// changes).
#pragma once

#include <gst/gst.h>

#include <atomic>

namespace talk {

class Latency {
 public:
  // What the author said; max NONE = unlimited. A source is live when the spec or `is-live` says so.
  void set_own(GstClockTime min, GstClockTime max);
  GstClockTime own_min() const { return own_min_.load(); }
  GstClockTime own_max() const { return own_max_.load(); }
  // Answers a LATENCY query for an element that adds to what its sink pad's upstream has.
  bool answer(GstPad* sink, GstQuery* query) const;

  // The pipeline's latency, from a LATENCY event.
  void on_event(GstEvent* event);
  GstClockTime pipeline() const { return pipeline_.load(); }

  // Latency of what stands between `src` and the sink of its branch, and whether the stream is live at all. Asked
  // anew after each LATENCY event, on a streaming thread; otherwise remembered.
  GstClockTime following(GstPad* src, bool* live);
  void forget() { known_ = false; }

 private:
  std::atomic<GstClockTime> own_min_{0}, own_max_{0};
  std::atomic<GstClockTime> pipeline_{0};
  std::atomic<bool> known_{false};
  bool live_ = false;
  GstClockTime following_ = 0;
};

}  // namespace talk
