// Memory for frames that JS makes: recycled, because a fresh megabyte per frame costs a page fault per page.
#pragma once

#include <gst/gst.h>

#include <map>
#include <mutex>

namespace talk {

class Pool {
 public:
  Pool() = default;
  ~Pool();
  Pool(const Pool&) = delete;

  // A writable buffer of exactly this size, 64-byte aligned; its content is whatever was there. Any thread.
  GstBuffer* take(gsize size);

 private:
  std::mutex mutex_;
  std::map<gsize, GstBufferPool*> by_size_;
};

}  // namespace talk
