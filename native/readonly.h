// Views are zero-copy, and a JS array cannot be read-only: nothing keeps an author from writing into a buffer that
// others read, too. Sanitizer builds notice, by a copy of what was lent; in all others this is nothing.
#pragma once

#include <gst/gst.h>

#if defined(__SANITIZE_ADDRESS__)
#include <cstring>
#include <vector>
#endif

namespace talk {

constexpr const char* kWroteReadOnly = "wrote into a frame that is only lent for reading: copy it, or declare it writable";

class ReadOnly {
 public:
#if defined(__SANITIZE_ADDRESS__)
  void lent(const GstMapInfo& map) {
    if ((map.flags & GST_MAP_WRITE) == 0) copy_.assign(map.data, map.data + map.size);
  }
  bool broken(const GstMapInfo& map) const {
    return !copy_.empty() && std::memcmp(copy_.data(), map.data, copy_.size()) != 0;
  }

 private:
  std::vector<guint8> copy_;
#else
  void lent(const GstMapInfo&) {}
  bool broken(const GstMapInfo&) const { return false; }
#endif
};

}  // namespace talk
