// A picture that can be seen through, before another one.
#pragma once

#include <node_api.h>

#include <cstdint>

namespace talk {

class Env;

// How opaque each pixel is; rows begin `stride` bytes apart.
struct Opacity {
  const uint8_t* data;
  int stride;
};

// Lays the picture in `to` over `wall` of the same layout and even size; chroma takes the mean of its four pixels' alpha.
void lay_over(uint8_t* const to[3], const uint8_t* const wall[3], const int32_t* strides, Opacity alpha, int width,
              int height);

// Adds `layOver` to the addon's exports.
void init_over(Env& env, napi_value exports);

}  // namespace talk
