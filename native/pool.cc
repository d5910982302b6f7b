#include "pool.h"

namespace talk {

namespace {

// An element makes frames of one or two sizes; more than this is variable-sized data, which malloc handles well.
constexpr size_t kMaxSizes = 8;
// Below a page there is nothing to save.
constexpr gsize kMinSize = 4096;
constexpr gsize kAlign = 63;

}  // namespace

Pool::~Pool() {
  for (auto& [size, pool] : by_size_) {
    gst_buffer_pool_set_active(pool, FALSE);
    gst_object_unref(pool);
  }
}

GstBuffer* Pool::take(gsize size) {
  GstAllocationParams params = {GstMemoryFlags(0), kAlign, 0, 0, {}};
  if (size < kMinSize) return gst_buffer_new_allocate(nullptr, size, &params);
  std::lock_guard<std::mutex> lock(mutex_);
  auto found = by_size_.find(size);
  if (found == by_size_.end()) {
    if (by_size_.size() >= kMaxSizes) return gst_buffer_new_allocate(nullptr, size, &params);
    GstBufferPool* pool = gst_buffer_pool_new();
    GstStructure* config = gst_buffer_pool_get_config(pool);
    gst_buffer_pool_config_set_params(config, nullptr, static_cast<guint>(size), 0, 0);
    gst_buffer_pool_config_set_allocator(config, nullptr, &params);
    if (!gst_buffer_pool_set_config(pool, config) || !gst_buffer_pool_set_active(pool, TRUE)) {
      gst_object_unref(pool);
      return gst_buffer_new_allocate(nullptr, size, &params);
    }
    found = by_size_.emplace(size, pool).first;
  }
  GstBuffer* buffer = nullptr;
  // Without an upper bound this never waits: what limits frames in flight are the queues they go through.
  if (gst_buffer_pool_acquire_buffer(found->second, &buffer, nullptr) != GST_FLOW_OK) return nullptr;
  return buffer;
}

}  // namespace talk
