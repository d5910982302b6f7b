#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif
// Kernel `paste`: blends a square RGB patch into a picture.
#include <cstdint>
#include <vector>

#include "patch.h"
#include "planes.h"
#include "resample.h"
#include "stroke.h"

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

}  // namespace

void paste(const Stroke& stroke, uint8_t* frame) {
  PatchInput in;
  in.size = stroke.size;
  in.patch = stroke.pixels.data();
  in.reference = stroke.reference.empty() ? nullptr : stroke.reference.data();
  in.reference_blue_first = stroke.reference_blue_first;
  in.mask = stroke.mask.data();
  in.fade = static_cast<float>(stroke.fade);
  in.colour = stroke.colour;
  thread_local PatchTerms terms;
  if (!terms.make(in)) return;

  const int width = stroke.width, height = stroke.height, size = in.size;
  const auto across = [&](double step, double shift, int limit) {
    return axis_taps(stroke.x, stroke.w, size, terms.first_column, terms.last_column, step, shift, limit);
  };
  const auto down = [&](double step, double shift, int limit) {
    return axis_taps(stroke.y, stroke.h, size, terms.first_row, terms.last_row, step, shift, limit);
  };
  const Plane luma{frame + stroke.offsets[0], stroke.strides[0], width, height};
  const std::vector<float>* luma_add[] = {&terms.by};
  blend(terms, size, across(1, 0.5, width), down(1, 0.5, height), &luma, luma_add, 1);

  // Chroma samples lie between two luma columns (JPEG) or on the left one (MPEG-2), always between two rows.
  const int half_width = (width + 1) / 2, half_height = (height + 1) / 2;
  const Plane chroma[] = {{frame + stroke.offsets[1], stroke.strides[1], half_width, half_height},
                          {frame + stroke.offsets[2], stroke.strides[2], half_width, half_height}};
  const std::vector<float>* chroma_add[] = {&terms.bu, &terms.bv};
  blend(terms, size, across(2, stroke.chroma_left ? 0.5 : 1.0, half_width), down(2, 1.0, half_height), chroma,
        chroma_add, 2);
}

}  // namespace talk
