#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif
#include "over.h"

#include <cstddef>

#include "js.h"
#include "planes.h"

namespace talk {

namespace {

inline uint8_t mixed(int above, int below, int alpha) {
  const int sum = above * alpha + below * (255 - alpha) + 127;
  return static_cast<uint8_t>((sum + 1 + (sum >> 8)) >> 8);  // sum / 255, exactly
}

// layOver(y, u, v, y', u', v', layout Int32[width, height, strides x 3, stride of a], a)
napi_value lay_pictures(Env& env, const Args& args) {
  napi_env napi = env.napi();
  uint8_t* to[3];
  const uint8_t* wall[3];
  read_planes(napi, args, 0, to);
  read_planes(napi, args, 3, wall);
  const int32_t* layout = array_data<int32_t>(napi, args[6]);
  lay_over(to, wall, layout + 2, {array_data<uint8_t>(napi, args[7]), layout[5]}, layout[0], layout[1]);
  return nullptr;
}

}  // namespace

void lay_over(uint8_t* const to[3], const uint8_t* const wall[3], const int32_t* strides, Opacity alpha, int width,
              int height) {
  for (int y = 0; y < height; y++) {
    uint8_t* row = to[0] + static_cast<ptrdiff_t>(y) * strides[0];
    const uint8_t* under = wall[0] + static_cast<ptrdiff_t>(y) * strides[0];
    const uint8_t* a = alpha.data + static_cast<ptrdiff_t>(y) * alpha.stride;
    for (int x = 0; x < width; x++) row[x] = mixed(row[x], under[x], a[x]);
  }
  for (int p = 1; p < 3; p++) {
    for (int y = 0; y < height / 2; y++) {
      uint8_t* row = to[p] + static_cast<ptrdiff_t>(y) * strides[p];
      const uint8_t* under = wall[p] + static_cast<ptrdiff_t>(y) * strides[p];
      const uint8_t* a = alpha.data + static_cast<ptrdiff_t>(2 * y) * alpha.stride;
      const uint8_t* below = a + alpha.stride;
      for (int x = 0; x < width / 2; x++) {
        const int four = a[2 * x] + a[2 * x + 1] + below[2 * x] + below[2 * x + 1];
        row[x] = mixed(row[x], under[x], (four + 2) >> 2);
      }
    }
  }
}

void init_over(Env& env, napi_value exports) { define<lay_pictures>(env, exports, "layOver"); }

}  // namespace talk
