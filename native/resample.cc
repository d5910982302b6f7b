#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif
#include "resample.h"

#include <algorithm>
#include <cmath>

namespace talk {

namespace {

// What an input `away` inputs from the output is worth; not normalised.
double worth(double away, bool smooth) {
  away = std::fabs(away);
  if (!smooth) return 1 - away;
  return away < 0.5 ? 0.75 - away * away : 0.5 * (1.5 - away) * (1.5 - away);
}

}  // namespace

void make_taps(const Axis& axis, Taps* taps) {
  const double per_output = axis.inputs / axis.extent;  // inputs per unit of the output's axis
  const double stretch = std::max(1.0, per_output * axis.step);
  const double radius = stretch * (axis.smooth ? 1.5 : 1.0);
  // Output samples whose coordinate lies inside the box and within `radius` of a used input.
  const auto position = [&](int i) { return (i * axis.step + axis.shift - axis.origin) * per_output - 0.5; };
  const auto number = [&](double input) {
    return ((input + 0.5) / per_output + axis.origin - axis.shift) / axis.step;
  };
  int first = static_cast<int>(std::ceil(number(std::max(-0.5, axis.used_first - radius))));
  int last = static_cast<int>(std::floor(number(std::min(axis.inputs - 0.5, axis.used_last + radius))));
  first = axis.all ? 0 : std::max(first, 0);
  last = axis.all ? axis.limit - 1 : std::min(last, axis.limit - 1);
  taps->first = first;
  taps->count = std::max(0, last - first + 1);
  taps->length = std::min(axis.inputs, static_cast<int>(std::ceil(2 * radius)));
  taps->from.resize(taps->count);
  taps->weights.assign(static_cast<size_t>(taps->count) * taps->length, 0.0f);
  for (int n = 0; n < taps->count; n++) {
    const double at = position(first + n);
    const int begin = static_cast<int>(std::floor(at - radius)) + 1;
    const int base = std::clamp(begin, 0, axis.inputs - taps->length);
    float* row = &taps->weights[static_cast<size_t>(n) * taps->length];
    taps->from[n] = base;
    double sum = 0;
    for (int k = begin; k <= static_cast<int>(std::ceil(at + radius)) - 1; k++) {
      if (std::fabs(k - at) >= radius) continue;
      const double weight = worth((k - at) / stretch, axis.smooth);
      // The edge repeats outwards.
      const int inside = std::clamp(k, 0, axis.inputs - 1);
      row[std::clamp(inside - base, 0, taps->length - 1)] += static_cast<float>(weight);
      sum += weight;
    }
    if (sum > 0) {
      for (int k = 0; k < taps->length; k++) row[k] = static_cast<float>(row[k] / sum);
    }
  }
}

void resample_rows(const float* in, int stride, int rows, const Taps& taps, float* out) {
  for (int y = 0; y < rows; y++) {
    const float* line = in + static_cast<size_t>(y) * stride;
    float* to = out + static_cast<size_t>(y) * taps.count;
    const float* weight = taps.weights.data();
    for (int x = 0; x < taps.count; x++, weight += taps.length) {
      const float* from = line + taps.from[x];
      float sum = 0;
      for (int k = 0; k < taps.length; k++) sum += from[k] * weight[k];
      to[x] = sum;
    }
  }
}

void resample_column(const float* in, int width, int first, int last, const Taps& taps, int i, float* out) {
  std::fill(out, out + width, 0.0f);
  const float* weights = &taps.weights[static_cast<size_t>(i) * taps.length];
  for (int k = 0; k < taps.length; k++) {
    const float weight = weights[k];
    const int row = taps.from[i] + k;
    if (weight == 0.0f || row < first || row > last) continue;
    const float* line = in + static_cast<size_t>(row - first) * width;
    for (int x = 0; x < width; x++) out[x] += weight * line[x];
  }
}

}  // namespace talk
