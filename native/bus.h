// From a pipeline's bus to its JS listeners: filtered where the message is posted, queued with a limit, carried
// over in batches. There is no polling, no GLib loop and no thread that waits.
#pragma once

#include <gst/gst.h>
#include <node_api.h>

#include <cstddef>
#include <deque>
#include <mutex>
#include <string>
#include <vector>

namespace talk {

// One message on its way. The path is taken when it is posted: later its source may have left the pipeline.
struct BusItem {
  GstMessage* message = nullptr;  // owned; null for a latency report
  std::string path;
  bool live = false;
  GstClockTime min_latency = 0;
  GstClockTime max_latency = GST_CLOCK_TIME_NONE;
};

class BusQueue {
 public:
  // Messages that may wait. Beyond it tags, QoS, progress, property and element messages are dropped and counted;
  // errors, EOS and states never are, and there are few of those.
  static constexpr size_t kMost = 1024;
  // Messages handed over in one turn of the JS loop.
  static constexpr size_t kBatch = 64;

  BusQueue() = default;
  BusQueue(const BusQueue&) = delete;
  BusQueue& operator=(const BusQueue&) = delete;
  ~BusQueue() { clear(); }

  // Takes the item over. True when the reader has to be woken.
  bool push(BusItem item);
  // Up to kBatch items; `more` when others are left, in which case the reader stays responsible for them.
  std::vector<BusItem> take(bool* more, size_t* dropped);
  // How many batches are waiting.
  size_t batches();
  void clear();

 private:
  std::mutex mutex_;
  std::deque<BusItem> items_;
  size_t dropped_ = 0;
  bool armed_ = false;
};

// True for messages JS is told about; the rest is answered natively or concerns nobody.
bool bus_wants(GstElement* pipeline, GstMessage* message);

// {type, element?, ...}: the raw form that src/graph/messages.ts types. Does not release the item.
napi_value bus_item_to_js(napi_env napi, const BusItem& item);

}  // namespace talk
