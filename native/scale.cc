#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif
#include "scale.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "js.h"
#include "planes.h"
#include "resample.h"

namespace talk {

namespace {

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

// mixPictures(to, from, share of the second in 256): both as they lie in memory, of the same length, which JS has seen to.
napi_value mix_pictures(Env& env, const Args& args) {
  size_t length = 0;
  auto* to = array_data<uint8_t>(env.napi(), args[0], &length);
  const auto* from = array_data<uint8_t>(env.napi(), args[1]);
  const int share = static_cast<int>(js_to_number(env.napi(), args[2]));
  for (size_t i = 0; i < length; i++) {
    to[i] = static_cast<uint8_t>((to[i] * (256 - share) + from[i] * share + 128) >> 8);
  }
  return nullptr;
}

// scalePicture(y, u, v, y', u', v', layout Int32[width, height, strides x 3, width', height', strides' x 3],
//              numbers Float64[x, y, w, h, black luma])
// Fits the second picture into the rectangle of the first and blackens what lies around it; a black luma below 0 leaves
// it as it is.
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
    const bool keep = numbers[4] < 0;
    const uint8_t black = p == 0 && !keep ? static_cast<uint8_t>(numbers[4]) : 128;
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
        if (!keep) std::memset(row, black, width);
        continue;
      }
      resample_column(wide.data(), across.count, 0, in_height - 1, down, y - down.first, line.data());
      if (!keep) std::memset(row, black, std::min(across.first, width));
      for (int x = 0; x < across.count; x++) row[across.first + x] = to_byte(line[x]);
      const int end = std::min(width, across.first + across.count);
      if (!keep) std::memset(row + end, black, width - end);
    }
  }
  return nullptr;
}

// cropPicture(y, u, v, layout Int32[width, height, strides x 3, size, blue first, chroma on the left], out,
//             numbers Float64[x, y, w, h, matrix x 9, offsets x 3])
// The square `out` shows the box of the picture; where the box leaves the picture its edge repeats. The matrix
// is YUV -> RGB on values that had the offsets taken off.
napi_value crop_picture(Env& env, const Args& args) {
  napi_env napi = env.napi();
  const int32_t* layout = array_data<int32_t>(napi, args[3]);
  uint8_t* out = array_data<uint8_t>(napi, args[4]);
  const double* numbers = array_data<double>(napi, args[5]);
  const int size = layout[5];
  const size_t area = static_cast<size_t>(size) * size;
  thread_local std::vector<float> source, wide, yuv;
  yuv.resize(3 * area);
  for (int p = 0; p < 3; p++) {
    const int div = p == 0 ? 1 : 2, width = (layout[0] + div - 1) / div, height = (layout[1] + div - 1) / div;
    // The picture's samples on the square's axes: cells of `div` pixels, moved left when chroma is sited so.
    const double across = size / numbers[2], down = size / numbers[3];
    const double left = -numbers[0] - (p > 0 && layout[7] != 0 ? 0.5 : 0.0);
    const Taps columns = axis_taps(left * across, div * width * across, width, 0, width - 1, 1, 0.5, size, true);
    const Taps rows = axis_taps(-numbers[1] * down, div * height * down, height, 0, height - 1, 1, 0.5, size, true);
    const int first = *std::min_element(rows.from.begin(), rows.from.end());
    const int last = *std::max_element(rows.from.begin(), rows.from.end()) + rows.length - 1;
    const int count = last - first + 1;
    source.resize(static_cast<size_t>(width) * count);
    const uint8_t* from = array_data<uint8_t>(napi, args[p]);
    for (int y = 0; y < count; y++) {
      const uint8_t* row = from + static_cast<ptrdiff_t>(first + y) * layout[2 + p];
      std::copy(row, row + width, &source[static_cast<size_t>(y) * width]);
    }
    wide.resize(static_cast<size_t>(size) * count);
    resample_rows(source.data(), width, count, columns, wide.data());
    for (int y = 0; y < size; y++) {
      resample_column(wide.data(), size, first, last, rows, y, &yuv[p * area + static_cast<size_t>(y) * size]);
    }
  }
  const double* m = numbers + 4;
  const int red = layout[6] != 0 ? 2 : 0, blue = 2 - red;
  for (size_t i = 0; i < area; i++) {
    const double y = yuv[i] - m[9], u = yuv[area + i] - m[10], v = yuv[2 * area + i] - m[11];
    out[3 * i + red] = to_byte(static_cast<float>(m[0] * y + m[1] * u + m[2] * v));
    out[3 * i + 1] = to_byte(static_cast<float>(m[3] * y + m[4] * u + m[5] * v));
    out[3 * i + blue] = to_byte(static_cast<float>(m[6] * y + m[7] * u + m[8] * v));
  }
  return nullptr;
}

// fillPicture(y, u, v, layout Int32[width, height, strides x 3], rgb)
// 3-byte RGB rows without padding, even sizes, to BT.601 16..235 with chroma between the columns. 16-bit fixed point:
// exact to the rounding, so equal pictures give equal bytes on every machine.
napi_value fill_picture(Env& env, const Args& args) {
  napi_env napi = env.napi();
  const int32_t* layout = array_data<int32_t>(napi, args[3]);
  const uint8_t* rgb = array_data<uint8_t>(napi, args[4]);
  uint8_t* planes[3];
  read_planes(napi, args, 0, planes);
  const int width = layout[0], height = layout[1];
  const auto luma = [](const uint8_t* c) {
    return static_cast<uint8_t>((16829 * c[0] + 33039 * c[1] + 6416 * c[2] + 1081344) >> 16);
  };
  for (int y = 0; y < height; y++) {
    const uint8_t* from = rgb + static_cast<size_t>(y) * width * 3;
    uint8_t* to = planes[0] + static_cast<ptrdiff_t>(y) * layout[2];
    for (int x = 0; x < width; x++) to[x] = luma(from + 3 * x);
  }
  for (int y = 0; y < height / 2; y++) {
    const uint8_t* one = rgb + static_cast<size_t>(2 * y) * width * 3;
    const uint8_t* two = one + static_cast<size_t>(width) * 3;
    uint8_t* u = planes[1] + static_cast<ptrdiff_t>(y) * layout[3];
    uint8_t* v = planes[2] + static_cast<ptrdiff_t>(y) * layout[4];
    for (int x = 0; x < width / 2; x++, one += 6, two += 6) {
      const int r = one[0] + one[3] + two[0] + two[3];
      const int g = one[1] + one[4] + two[1] + two[4];
      const int b = one[2] + one[5] + two[2] + two[5];
      u[x] = static_cast<uint8_t>((-9714 * r - 19070 * g + 28784 * b + 33685504) >> 18);
      v[x] = static_cast<uint8_t>((28784 * r - 24103 * g - 4681 * b + 33685504) >> 18);
    }
  }
  return nullptr;
}

}  // namespace

void init_scale(Env& env, napi_value exports) {
  define<copy_picture>(env, exports, "copyPicture");
  define<mix_pictures>(env, exports, "mixPictures");
  define<scale_picture>(env, exports, "scalePicture");
  define<crop_picture>(env, exports, "cropPicture");
  define<fill_picture>(env, exports, "fillPicture");
}

}  // namespace talk
