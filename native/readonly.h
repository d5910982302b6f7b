// Large views lie where the buffer lies, and a JS array cannot be read-only: nothing keeps an author from writing into a
// buffer that others read, too. Sanitizer builds notice, by a copy of what was lent; in all others this is nothing.
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
  // `seen`: where JS saw it; null when nobody can tell any more.
  bool broken(const void* seen) const {
    return seen != nullptr && !copy_.empty() && std::memcmp(copy_.data(), seen, copy_.size()) != 0;
  }

 private:
  std::vector<guint8> copy_;
#else
  void lent(const GstMapInfo&) {}
  bool broken(const void*) const { return false; }
#endif
};

}  // namespace talk
