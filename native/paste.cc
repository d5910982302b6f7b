#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif
#include "paste.h"

#include <cstdint>
#include <vector>

#include "js.h"
#include "patch.h"
#include "planes.h"
#include "resample.h"
#include "scale.h"
#include "warp.h"

namespace talk {

namespace {

// plane = plane * (1 - a) + b on the samples of `across` and `down`; one or two planes share `a`.
void blend(const PatchTerms& terms, int size, const Taps& across, const Taps& down, const Plane* planes,
           const std::vector<float>* const* b, int count) {
  if (across.count == 0 || down.count == 0) return;
  const int rows = terms.last_row - terms.first_row + 1, width = across.count;
  const size_t skip = static_cast<size_t>(terms.first_row) * size;
  thread_local std::vector<float> wide[3], line[3];
  for (int p = 0; p <= count; p++) {
    wide[p].resize(static_cast<size_t>(rows) * width);
    line[p].resize(width);
    resample_rows((p == 0 ? terms.a.data() : b[p - 1]->data()) + skip, size, rows, across, wide[p].data());
  }
  for (int y = 0; y < down.count; y++) {
    for (int p = 0; p <= count; p++) {
      resample_column(wide[p].data(), width, terms.first_row, terms.last_row, down, y, line[p].data());
    }
    const float* alpha = line[0].data();
    for (int p = 0; p < count; p++) {
      uint8_t* to =
          planes[p].data + static_cast<ptrdiff_t>(down.first + y) * planes[p].stride + across.first;
      const float* add = line[p + 1].data();
      for (int x = 0; x < width; x++) to[x] = to_byte(to[x] * (1 - alpha[x]) + add[x]);
    }
  }
}

// pastePatch(y, u, v, layout Int32[width, height, strides x 3, size, reference order, chroma siting],
//            patch, reference|null, mask, numbers Float64[x, y, w, h, fade, matrix x 9, offsets x 3])
napi_value paste_patch(Env& env, const Args& args) {
  napi_env napi = env.napi();
  const int32_t* layout = array_data<int32_t>(napi, args[3]);
  const double* numbers = array_data<double>(napi, args[7]);
  PatchInput in;
  in.size = layout[5];
  in.patch = array_data<uint8_t>(napi, args[4]);
  in.reference = args.given(5) ? array_data<uint8_t>(napi, args[5]) : nullptr;
  in.reference_blue_first = layout[6] != 0;
  in.mask = array_data<uint8_t>(napi, args[6]);
  in.fade = static_cast<float>(numbers[4]);
  in.colour = numbers + 5;
  thread_local PatchTerms terms;
  if (!terms.make(in)) return nullptr;

  const int width = layout[0], height = layout[1], size = in.size;
  const double x = numbers[0], y = numbers[1], w = numbers[2], h = numbers[3];
  const auto across = [&](double step, double shift, int limit) {
    return axis_taps(x, w, size, terms.first_column, terms.last_column, step, shift, limit);
  };
  const auto down = [&](double step, double shift, int limit) {
    return axis_taps(y, h, size, terms.first_row, terms.last_row, step, shift, limit);
  };
  const Plane luma{array_data<uint8_t>(napi, args[0]), layout[2], width, height};
  const std::vector<float>* luma_add[] = {&terms.by};
  blend(terms, size, across(1, 0.5, width), down(1, 0.5, height), &luma, luma_add, 1);

  // Chroma samples lie between two luma columns (JPEG) or on the left one (MPEG-2), always between two rows.
  const int half_width = (width + 1) / 2, half_height = (height + 1) / 2;
  const Plane chroma[] = {{array_data<uint8_t>(napi, args[1]), layout[3], half_width, half_height},
                          {array_data<uint8_t>(napi, args[2]), layout[4], half_width, half_height}};
  const std::vector<float>* chroma_add[] = {&terms.bu, &terms.bv};
  blend(terms, size, across(2, layout[7] == 0 ? 1.0 : 0.5, half_width), down(2, 1.0, half_height), chroma,
        chroma_add, 2);
  return nullptr;
}

}  // namespace

void init_paste(Env& env, napi_value exports) {
  define<paste_patch>(env, exports, "pastePatch");
  init_scale(env, exports);
  init_warp(env, exports);
}

}  // namespace talk
