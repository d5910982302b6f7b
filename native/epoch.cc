#include "epoch.h"

#include "value.h"

namespace talk {

namespace {

// PTS are rounded; what is left over lies at least a frame of speech later.
constexpr GstClockTime kRounding = 5 * GST_MSECOND;
// One for each resampler on the way. Whatever else begins later than it was announced is taken all the same.
constexpr int kMostLeftovers = 4;

}  // namespace

bool Epoch::cut(const GstStructure* event) {
  const gint64 epoch = structure_int64(event, "epoch", wanted() + 1);
  gint64 before = wanted();
  while (epoch > before) {
    if (wanted_.compare_exchange_weak(before, epoch)) return true;
  }
  return false;
}

void Epoch::begin(const GstStructure* event) {
  const gint64 epoch = structure_int64(event, "epoch", wanted());
  const bool dropped = stale();
  have_.store(epoch, std::memory_order_release);
  if (dropped && !stale()) discont_.store(true);
  await(event);
}

void Epoch::await(const GstStructure* event) {
  const gint64 pts = structure_int64(event, "pts", -1);
  begins_ = pts < 0 ? GST_CLOCK_TIME_NONE : static_cast<GstClockTime>(pts);
  leftovers_ = 0;
}

bool Epoch::leftover(GstBuffer* buffer) {
  if (!GST_CLOCK_TIME_IS_VALID(begins_)) return false;
  const bool later = GST_BUFFER_PTS_IS_VALID(buffer) && GST_BUFFER_PTS(buffer) > begins_ + kRounding;
  if (later && !GST_BUFFER_IS_DISCONT(buffer) && leftovers_++ < kMostLeftovers) return true;
  begins_ = GST_CLOCK_TIME_NONE;
  return false;
}

void Epoch::replay(const GstStructure* event) {
  const auto time = [event](const char* field) {
    const gint64 ns = structure_int64(event, field, -1);
    return ns < 0 ? GST_CLOCK_TIME_NONE : static_cast<GstClockTime>(ns);
  };
  sound_end_ = time("sound");
  fade_end_ = time("faded");
  picture_end_ = time("picture");
}

void Epoch::replayed(const GstStructure* event) {
  replay(nullptr);
  await(event);
}

}  // namespace talk
