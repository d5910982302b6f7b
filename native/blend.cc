#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif
#include "blend.h"

#include <cstdint>
#include <cstring>

#include "js.h"
#include "planes.h"

namespace talk {

namespace {

// So many parts of one patch and of the other; together a power of two.
struct Parts {
  int a, b, shift;
  int half() const { return 1 << (shift - 1); }
};

void blend_bytes(uint8_t* out, const uint8_t* a, const uint8_t* b, size_t count, Parts parts) {
  const int half = parts.half();
  for (size_t i = 0; i < count; i++) {
    out[i] = static_cast<uint8_t>((parts.a * a[i] + parts.b * b[i] + half) >> parts.shift);
  }
}

// int16 that may lie at an odd address.
void blend_flow(uint8_t* out, const uint8_t* a, const uint8_t* b, size_t count, Parts parts) {
  const int half = parts.half();
  for (size_t i = 0; i < count; i++) {
    int16_t from[2];
    std::memcpy(&from[0], a + 2 * i, 2);
    std::memcpy(&from[1], b + 2 * i, 2);
    const auto to = static_cast<int16_t>((parts.a * from[0] + parts.b * from[1] + half) >> parts.shift);
    std::memcpy(out + 2 * i, &to, 2);
  }
}

// What covers, and its colour. A cell that one of the two does not paint has no colour there, so a colour counts as much
// as it covers: else the rim of an opening mouth would be dark.
void blend_paint(uint8_t* alpha, uint8_t* paint, const uint8_t* const* a, const uint8_t* const* b, size_t area,
                 Parts parts) {
  const int half = parts.half();
  for (size_t i = 0; i < area; i++) {
    const int one = parts.a * a[0][i], two = parts.b * b[0][i], sum = one + two;
    alpha[i] = static_cast<uint8_t>((sum + half) >> parts.shift);
    for (size_t c = 3 * i; c < 3 * i + 3; c++) {
      paint[c] = alpha[i] == 0 ? 0 : static_cast<uint8_t>((one * a[1][c] + two * b[1][c] + sum / 2) / sum);
    }
  }
}

// blendPatches(out, before, after, layout Int32[size, layers follow, step, shift]): `step` of 2^shift parts are of `after`.
// All three are as long as a patch of `size` is, which the caller has made sure of; see src/lipsync/layers.ts for its parts.
napi_value blend_patches(Env& env, const Args& args) {
  napi_env napi = env.napi();
  auto* out = array_data<uint8_t>(napi, args[0]);
  const auto* a = array_data<uint8_t>(napi, args[1]);
  const auto* b = array_data<uint8_t>(napi, args[2]);
  const int32_t* layout = array_data<int32_t>(napi, args[3]);
  const size_t area = static_cast<size_t>(layout[0]) * layout[0];
  const Parts parts{(1 << layout[3]) - layout[2], layout[2], layout[3]};
  blend_bytes(out, a, b, 3 * area, parts);
  if (layout[1] == 0) return nullptr;
  const size_t flow = 3 * area, alpha = 7 * area, paint = 8 * area;
  blend_flow(out + flow, a + flow, b + flow, 2 * area, parts);
  const uint8_t* const before[] = {a + alpha, a + paint};
  const uint8_t* const after[] = {b + alpha, b + paint};
  blend_paint(out + alpha, out + paint, before, after, area, parts);
  return nullptr;
}

}  // namespace

void init_blend(Env& env, napi_value exports) { define<blend_patches>(env, exports, "blendPatches"); }

}  // namespace talk
