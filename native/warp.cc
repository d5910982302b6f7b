#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif
// Kernel `warp`: moves a picture's own pixels and paints over what they uncover: how a mouth opens without losing
// sharpness. Where it neither moves nor paints, every byte stays.
#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "planes.h"
#include "resample.h"
#include "stroke.h"

namespace talk {

namespace {

// What the model gave, per cell of its square; see src/lipsync/layers.ts for the layout.
struct Layers {
  int size;
  const int16_t* flow;     // across, then down, in 1/16384 of half the box
  const uint8_t* alpha;    // 255 = paint only
  const uint8_t* paint;    // red, green, blue
  const uint8_t* mask;     // 255 = moved and painted, 0 = left alone
  double x, y, w, h, fade;
  const double* colour;    // RGB -> YUV rows, then offsets
};

// The edge of what is painted crosses a few cells, and the picture has two to four pixels for each. Bilinear, the cells
// show as stairs. So all is scaled up by B-splines, which know no cells but are soft, and then the edge is made steeper
// about its middle, as with glyphs from distance fields. models/tinylip/training/face_train.py does the same.
constexpr float kSteep = 1.6f;

// The same as planes of floats, masked: shift in luma pixels, faded; cover, cover times colour.
struct Fields {
  int first_row, last_row, first_column, last_column;
  std::vector<float> across, down, cover, y, u, v;

  bool make(const Layers& in) {
    const int n = in.size;
    const size_t area = static_cast<size_t>(n) * n;
    for (auto* plane : {&across, &down, &cover, &y, &u, &v}) plane->resize(area);
    first_row = n, last_row = -1, first_column = n, last_column = -1;
    const double *m = in.colour, *o = in.colour + 9;
    const float right = static_cast<float>(in.w / 2 / 16384), below = static_cast<float>(in.h / 2 / 16384);
    for (size_t i = 0; i < area; i++) {
      const float weight = static_cast<float>(in.mask[i] / 255.0 * in.fade);
      across[i] = weight * in.flow[i] * right;
      down[i] = weight * in.flow[area + i] * below;
      const float a = cover[i] = static_cast<float>(in.mask[i] * in.alpha[i]) / (255.0f * 255.0f);
      const double r = in.paint[3 * i], g = in.paint[3 * i + 1], b = in.paint[3 * i + 2];
      y[i] = a * static_cast<float>(o[0] + m[0] * r + m[1] * g + m[2] * b);
      u[i] = a * static_cast<float>(o[1] + m[3] * r + m[4] * g + m[5] * b);
      v[i] = a * static_cast<float>(o[2] + m[6] * r + m[7] * g + m[8] * b);
      // A shift below 1/256 pixel moves no level.
      if (a == 0 && std::fabs(across[i]) < 1.0f / 256 && std::fabs(down[i]) < 1.0f / 256) continue;
      const int row = static_cast<int>(i / n), column = static_cast<int>(i % n);
      first_row = std::min(first_row, row);
      last_row = row;
      first_column = std::min(first_column, column);
      last_column = std::max(last_column, column);
    }
    return last_row >= 0;
  }
};

struct Source {
  const uint8_t* data;
  int stride, width, height;

  // Between pixel middles; the edge repeats.
  float at(float x, float y) const {
    const float cx = std::min(std::max(x, 0.0f), static_cast<float>(width - 1));
    const float cy = std::min(std::max(y, 0.0f), static_cast<float>(height - 1));
    const int left = static_cast<int>(cx), top = static_cast<int>(cy);
    const int right = left + (left < width - 1), bottom = top + (top < height - 1);
    const float fx = cx - static_cast<float>(left), fy = cy - static_cast<float>(top);
    const uint8_t* upper = data + static_cast<ptrdiff_t>(top) * stride;
    const uint8_t* lower = data + static_cast<ptrdiff_t>(bottom) * stride;
    const float above = upper[left] + fx * (upper[right] - upper[left]);
    const float under = lower[left] + fx * (lower[right] - lower[left]);
    return above + fy * (under - above);
  }
};

// One set of planes on one grid: luma alone (step 1) or both chromas (step 2).
void warp_planes(const Fields& fields, const Layers& in, const Source* sources, uint8_t* const* to, const int* strides,
          const std::vector<float>* const* colours, int count, double step, double shift) {
  const int n = in.size, limit_x = sources[0].width, limit_y = sources[0].height;
  const Taps columns =
      axis_taps(in.x, in.w, n, fields.first_column, fields.last_column, step, shift, limit_x, false, true);
  const Taps rows = axis_taps(in.y, in.h, n, fields.first_row, fields.last_row, step, step == 1 ? 0.5 : 1.0, limit_y,
                              false, true);
  if (columns.count == 0 || rows.count == 0) return;
  const std::vector<float>* planes[5] = {&fields.across, &fields.down, &fields.cover};
  for (int p = 0; p < count; p++) planes[3 + p] = colours[p];
  const int width = columns.count, height = fields.last_row - fields.first_row + 1;
  thread_local std::vector<float> wide[5], line[5];
  for (int p = 0; p < 3 + count; p++) {
    wide[p].resize(static_cast<size_t>(width) * height);
    line[p].resize(width);
    resample_rows(planes[p]->data() + static_cast<size_t>(fields.first_row) * n, n, height, columns, wide[p].data());
  }
  const float scale = static_cast<float>(1 / step), fade = static_cast<float>(in.fade);
  for (int r = 0; r < rows.count; r++) {
    for (int p = 0; p < 3 + count; p++) {
      resample_column(wide[p].data(), width, fields.first_row, fields.last_row, rows, r, line[p].data());
    }
    const int row = rows.first + r;
    for (int c = 0; c < width; c++) {
      const float dx = line[0][c] * scale, dy = line[1][c] * scale, cover = line[2][c];
      const float painted = fade * std::min(1.0f, std::max(0.0f, (cover - 0.5f) * kSteep + 0.5f));
      if (painted == 0 && std::fabs(dx) < 1.0f / 512 && std::fabs(dy) < 1.0f / 512) continue;
      // Where anything is painted the cover is not near 0.
      const float colour = painted > 0 ? painted / cover : 0.0f;
      const float x = static_cast<float>(columns.first + c) + dx, y = static_cast<float>(row) + dy;
      for (int p = 0; p < count; p++) {
        to[p][static_cast<ptrdiff_t>(row) * strides[p] + columns.first + c] =
            to_byte((1 - painted) * sources[p].at(x, y) + colour * line[3 + p][c]);
      }
    }
  }
}

}  // namespace

void warp(const Stroke& stroke, uint8_t* frame) {
  const size_t area = static_cast<size_t>(stroke.size) * stroke.size;
  const bool clear = stroke.alpha_stride > 0;
  const uint8_t* layers = stroke.pixels.data();
  const Layers in{stroke.size,
                  reinterpret_cast<const int16_t*>(layers),
                  layers + 4 * area,
                  layers + 5 * area,
                  stroke.mask.data(),
                  stroke.x,
                  stroke.y,
                  stroke.w,
                  stroke.h,
                  stroke.fade,
                  stroke.colour};
  thread_local Fields fields;
  if (!fields.make(in)) return;
  // What is moved is read while it is written over, so it is read from a copy.
  thread_local std::vector<uint8_t> before;
  // Luma, then how opaque it is, where the picture says so: that moves alike; then the chromas.
  const int count = clear ? 4 : 3, chroma_at = count - 2;
  uint8_t* to[4];
  int strides[4];
  Source sources[4];
  size_t sizes[4], total = 0;
  for (int p = 0; p < count; p++) {
    const bool alpha = clear && p == 1;
    const int plane = p < chroma_at ? 0 : p - chroma_at + 1;
    const int div = plane == 0 ? 1 : 2;
    const int width = (stroke.width + div - 1) / div, height = (stroke.height + div - 1) / div;
    to[p] = frame + (alpha ? stroke.alpha_offset : stroke.offsets[plane]);
    strides[p] = alpha ? stroke.alpha_stride : stroke.strides[plane];
    sizes[p] = static_cast<size_t>(strides[p]) * (height - 1) + width;
    sources[p] = {nullptr, strides[p], width, height};
    total += sizes[p];
  }
  before.resize(total);
  uint8_t* copy = before.data();
  for (int p = 0; p < count; p++) {
    std::memcpy(copy, to[p], sizes[p]);
    sources[p].data = copy;
    copy += sizes[p];
  }
  // What is painted is opaque.
  thread_local std::vector<float> opaque;
  if (clear) {
    opaque.resize(area);
    for (size_t i = 0; i < area; i++) opaque[i] = 255 * fields.cover[i];
  }
  const std::vector<float>* luma[] = {&fields.y, &opaque};
  const std::vector<float>* chroma[] = {&fields.u, &fields.v};
  warp_planes(fields, in, sources, to, strides, luma, chroma_at, 1, 0.5);
  warp_planes(fields, in, sources + chroma_at, to + chroma_at, strides + chroma_at, chroma, 2, 2,
              stroke.chroma_left ? 0.5 : 1.0);
}

}  // namespace talk
