#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif
#include "patch.h"

#include <algorithm>
#include <cmath>
#include <cstring>

namespace talk {

namespace {

// Differences (in levels) below which all of the picture's detail is kept, and from which none is.
constexpr float kSame = 6, kChanged = 24;
// A seam further off than this many levels is movement, not a colour cast.
constexpr float kMaxCast = 14;

struct Yuv {
  float m[9], o[3];
  explicit Yuv(const double* colour) {
    for (int i = 0; i < 9; i++) m[i] = static_cast<float>(colour[i]);
    for (int i = 0; i < 3; i++) o[i] = static_cast<float>(colour[9 + i]);
  }
  void row(const uint8_t* rgb, bool blue_first, int count, float* y, float* u, float* v) const {
    const int r = blue_first ? 2 : 0, b = 2 - r;
    for (int x = 0; x < count; x++) {
      const float red = rgb[3 * x + r], green = rgb[3 * x + 1], blue = rgb[3 * x + b];
      y[x] = o[0] + m[0] * red + m[1] * green + m[2] * blue;
      u[x] = o[1] + m[3] * red + m[4] * green + m[5] * blue;
      v[x] = o[2] + m[6] * red + m[7] * green + m[8] * blue;
    }
  }
};

}  // namespace

bool PatchTerms::make(const PatchInput& in) {
  const int n = in.size;
  const size_t area = static_cast<size_t>(n) * n;
  first_row = n, last_row = -1, first_column = n, last_column = -1;
  for (int row = 0; row < n; row++) {
    const uint8_t* line = in.mask + static_cast<size_t>(row) * n;
    int left = 0, right = n - 1;
    while (left < n && line[left] == 0) left++;
    if (left == n) continue;
    while (line[right] == 0) right--;
    first_row = std::min(first_row, row);
    last_row = row;
    first_column = std::min(first_column, left);
    last_column = std::max(last_column, right);
  }
  if (last_row < 0 || !(in.fade > 0)) return false;
  for (auto* plane : {&a, &by, &bu, &bv, &y_, &u_, &v_, &ry_, &ru_, &rv_, &change_, &keep_}) plane->resize(area);

  const Yuv convert(in.colour);
  for (int row = first_row; row <= last_row; row++) {
    const size_t at = static_cast<size_t>(row) * n;
    convert.row(in.patch + 3 * at, false, n, &y_[at], &u_[at], &v_[at]);
    if (in.reference == nullptr) continue;
    convert.row(in.reference + 3 * at, in.reference_blue_first, n, &ry_[at], &ru_[at], &rv_[at]);
  }
  if (in.reference != nullptr) {
    seam_offsets(in);
    detail_weight(in);
  }
  const bool plain = in.reference == nullptr;
  for (int row = first_row; row <= last_row; row++) {
    const size_t at = static_cast<size_t>(row) * n;
    for (int x = 0; x < n; x++) {
      const size_t i = at + x;
      const float m = in.mask[i] * (in.fade / 255.0f);
      const float keep = plain ? 0.0f : keep_[i];
      a[i] = m * (1 - keep);
      by[i] = m * (plain ? y_[i] : y_[i] - keep * ry_[i]);
      bu[i] = m * (plain ? u_[i] : u_[i] - keep * ru_[i]);
      bv[i] = m * (plain ? v_[i] : v_[i] - keep * rv_[i]);
    }
  }
  return true;
}

// Takes the colour cast off the patch: its mean difference to the reference where the mask rises on the left and
// falls on the right, smoothed over the rows and interpolated between the two sides.
void PatchTerms::seam_offsets(const PatchInput& in) {
  const int n = in.size, rows = last_row - first_row + 1, half = std::max(1, n / 10);
  std::vector<double> sums(static_cast<size_t>(rows + 1) * 8, 0.0);  // per row: {dy, du, dv, weight} left, right
  for (int r = 0; r < rows; r++) {
    const double* before = &sums[static_cast<size_t>(r) * 8];
    double* to = &sums[static_cast<size_t>(r + 1) * 8];
    std::copy(before, before + 8, to);
    const size_t at = static_cast<size_t>(first_row + r) * n;
    for (int x = first_column; x <= last_column; x++) {
      const size_t i = at + x;
      const int m = in.mask[i];
      // Only the outer quarters: nearer the middle a difference is the mouth or the chin, not the seam.
      if (m == 0 || m == 255 || (4 * x >= n && 4 * x < 3 * n)) continue;
      double* side = to + (2 * x < n ? 0 : 4);
      const double weight = m * (255 - m);
      side[0] += weight * (y_[i] - ry_[i]);
      side[1] += weight * (u_[i] - ru_[i]);
      side[2] += weight * (v_[i] - rv_[i]);
      side[3] += weight;
    }
  }
  for (int r = 0; r < rows; r++) {
    const double* low = &sums[static_cast<size_t>(std::max(0, r - half)) * 8];
    const double* high = &sums[static_cast<size_t>(std::min(rows, r + half + 1)) * 8];
    float cast[2][3];
    for (int s = 0; s < 2; s++) {
      const double weight = high[4 * s + 3] - low[4 * s + 3];
      for (int c = 0; c < 3; c++) {
        const double mean = weight > 0 ? (high[4 * s + c] - low[4 * s + c]) / weight : 0;
        cast[s][c] = std::clamp(static_cast<float>(mean), -kMaxCast, kMaxCast);
      }
    }
    const size_t at = static_cast<size_t>(first_row + r) * n;
    for (int x = 0; x < n; x++) {
      const float t = (x + 0.5f) / n;
      y_[at + x] -= cast[0][0] + t * (cast[1][0] - cast[0][0]);
      u_[at + x] -= cast[0][1] + t * (cast[1][1] - cast[0][1]);
      v_[at + x] -= cast[0][2] + t * (cast[1][2] - cast[0][2]);
    }
  }
}

// How much of the picture's own detail stays: 1 where patch and reference agree, 0 where they differ much,
// decided by the largest difference within one pixel so that no rim of old detail is left around a change.
void PatchTerms::detail_weight(const PatchInput& in) {
  const int n = in.size;
  for (int row = first_row; row <= last_row; row++) {
    const size_t at = static_cast<size_t>(row) * n;
    float* across = &keep_[at];
    for (int x = 0; x < n; x++) {
      const size_t i = at + x;
      const float dy = std::fabs(y_[i] - ry_[i]);
      const float du = std::fabs(u_[i] - ru_[i]), dv = std::fabs(v_[i] - rv_[i]);
      across[x] = std::max(dy, 1.5f * std::max(du, dv));
    }
    float* line = &change_[at];
    for (int x = 0; x < n; x++) {
      const float left = across[x > 0 ? x - 1 : x], right = across[x < n - 1 ? x + 1 : x];
      line[x] = std::max(across[x], std::max(left, right));
    }
  }
  for (int row = first_row; row <= last_row; row++) {
    const float* here = &change_[static_cast<size_t>(row) * n];
    const float* above = row > first_row ? here - n : here;
    const float* below = row < last_row ? here + n : here;
    float* keep = &keep_[static_cast<size_t>(row) * n];
    for (int x = 0; x < n; x++) {
      const float change = std::max(here[x], std::max(above[x], below[x]));
      const float t = std::min(1.0f, std::max(0.0f, (change - kSame) / (kChanged - kSame)));
      keep[x] = 1 - t * t * (3 - 2 * t);
    }
  }
}

}  // namespace talk
