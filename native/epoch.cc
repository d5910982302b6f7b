#include "epoch.h"

#include "value.h"

namespace talk {

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
}

}  // namespace talk
