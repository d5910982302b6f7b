// What the pixel kernels share: typed arrays as memory, and resampling taps for picture axes.
#pragma once

#include <node_api.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "resample.h"

namespace talk {

// Bytes of a typed array; null for anything else.
template <typename T>
T* array_data(napi_env napi, napi_value value, size_t* length = nullptr) {
  bool typed = false;
  void* data = nullptr;
  size_t count = 0;
  if (napi_is_typedarray(napi, value, &typed) != napi_ok || !typed) return nullptr;
  napi_get_typedarray_info(napi, value, nullptr, &count, &data, nullptr, nullptr);
  if (length != nullptr) *length = count;
  return static_cast<T*>(data);
}

// The planes of a picture, in three arguments from `first` on.
template <typename Arguments, typename T>
void read_planes(napi_env napi, const Arguments& args, size_t first, T* (&planes)[3]) {
  for (size_t p = 0; p < 3; p++) planes[p] = array_data<T>(napi, args[first + p]);
}

inline uint8_t to_byte(float value) {
  return static_cast<uint8_t>(std::min(255.0f, std::max(0.0f, value)) + 0.5f);
}

struct Plane {
  uint8_t* data;
  int stride, width, height;
};

// One output axis of a box of `inputs` cells that begins at `origin` and is `extent` long, on samples that lie
// at (i * step + shift); `all`: also on those outside the box, where its edge repeats; `smooth`: by B-splines.
inline Taps axis_taps(double origin, double extent, int inputs, int first, int last, double step,
                      double shift, int limit, bool all = false, bool smooth = false) {
  Axis axis;
  axis.origin = origin;
  axis.extent = extent;
  axis.inputs = inputs;
  axis.used_first = first;
  axis.used_last = last;
  axis.step = step;
  axis.shift = shift;
  axis.limit = limit;
  axis.all = all;
  axis.smooth = smooth;
  Taps taps;
  make_taps(axis, &taps);
  return taps;
}

}  // namespace talk
