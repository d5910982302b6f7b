#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif
#include "paste.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <vector>

#include "js.h"
#include "patch.h"
#include "resample.h"

namespace talk {

namespace {

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

uint8_t to_byte(float value) {
  return static_cast<uint8_t>(std::min(255.0f, std::max(0.0f, value)) + 0.5f);
}

struct Plane {
  uint8_t* data;
  int stride, width, height;
};

// One output axis of a box of `inputs` cells that begins at `origin` and is `extent` long, on samples that lie
// at (i * step + shift).
Taps axis_taps(double origin, double extent, int inputs, int first, int last, double step, double shift,
               int limit) {
  Axis axis;
  axis.origin = origin;
  axis.extent = extent;
  axis.inputs = inputs;
  axis.used_first = first;
  axis.used_last = last;
  axis.step = step;
  axis.shift = shift;
  axis.limit = limit;
  Taps taps;
  make_taps(axis, &taps);
  return taps;
}

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

void copy_plane(uint8_t* to, int to_stride, const uint8_t* from, int from_stride, int width, int height) {
  if (to_stride == from_stride && to_stride == width) {
    std::memcpy(to, from, static_cast<size_t>(width) * height);
    return;
  }
  for (int y = 0; y < height; y++) {
    std::memcpy(to + static_cast<ptrdiff_t>(y) * to_stride, from + static_cast<ptrdiff_t>(y) * from_stride, width);
  }
}

// copyPicture(y, u, v, y', u', v', layout Int32[width, height, strides x 3, strides' x 3])
napi_value copy_picture(Env& env, const Args& args) {
  const int32_t* layout = array_data<int32_t>(env.napi(), args[6]);
  for (int p = 0; p < 3; p++) {
    const int width = p == 0 ? layout[0] : (layout[0] + 1) / 2, height = p == 0 ? layout[1] : (layout[1] + 1) / 2;
    copy_plane(array_data<uint8_t>(env.napi(), args[p]), layout[2 + p],
               array_data<uint8_t>(env.napi(), args[3 + p]), layout[5 + p], width, height);
  }
  return nullptr;
}

// scalePicture(y, u, v, y', u', v', layout Int32[width, height, strides x 3, width', height', strides' x 3],
//              numbers Float64[x, y, w, h, black luma])
// Fits the second picture into the rectangle of the first and blackens what lies around it.
napi_value scale_picture(Env& env, const Args& args) {
  napi_env napi = env.napi();
  const int32_t* layout = array_data<int32_t>(napi, args[6]);
  const double* numbers = array_data<double>(napi, args[7]);
  thread_local std::vector<float> source, wide, line;
  for (int p = 0; p < 3; p++) {
    const int div = p == 0 ? 1 : 2;
    const int width = (layout[0] + div - 1) / div, height = (layout[1] + div - 1) / div;
    const int in_width = (layout[5] + div - 1) / div, in_height = (layout[6] + div - 1) / div;
    uint8_t* to = array_data<uint8_t>(napi, args[p]);
    const uint8_t* from = array_data<uint8_t>(napi, args[3 + p]);
    const Taps across = axis_taps(numbers[0] / div, numbers[2] / div, in_width, 0, in_width - 1, 1, 0.5, width);
    const Taps down = axis_taps(numbers[1] / div, numbers[3] / div, in_height, 0, in_height - 1, 1, 0.5, height);
    const uint8_t black = p == 0 ? static_cast<uint8_t>(numbers[4]) : 128;
    source.resize(static_cast<size_t>(in_width) * in_height);
    for (int y = 0; y < in_height; y++) {
      const uint8_t* row = from + static_cast<ptrdiff_t>(y) * layout[7 + p];
      std::copy(row, row + in_width, &source[static_cast<size_t>(y) * in_width]);
    }
    wide.resize(static_cast<size_t>(std::max(1, across.count)) * in_height);
    line.resize(std::max(1, across.count));
    resample_rows(source.data(), in_width, in_height, across, wide.data());
    for (int y = 0; y < height; y++) {
      uint8_t* row = to + static_cast<ptrdiff_t>(y) * layout[2 + p];
      if (y < down.first || y >= down.first + down.count) {
        std::memset(row, black, width);
        continue;
      }
      resample_column(wide.data(), across.count, 0, in_height - 1, down, y - down.first, line.data());
      std::memset(row, black, std::min(across.first, width));
      for (int x = 0; x < across.count; x++) row[across.first + x] = to_byte(line[x]);
      const int end = std::min(width, across.first + across.count);
      std::memset(row + end, black, width - end);
    }
  }
  return nullptr;
}

}  // namespace

void init_paste(Env& env, napi_value exports) {
  define<paste_patch>(env, exports, "pastePatch");
  define<copy_picture>(env, exports, "copyPicture");
  define<scale_picture>(env, exports, "scalePicture");
}

}  // namespace talk
