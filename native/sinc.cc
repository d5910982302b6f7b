#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif
#include "sinc.h"

#include <algorithm>
#include <cmath>
#include <cstdint>

#include "js.h"
#include "planes.h"

namespace talk {

namespace {

// Eight sums side by side, always added up in the same order: fast, and the same number on every machine.
float dot(const float* samples, const float* row, int taps) {
  constexpr int kLanes = 8;
  float lanes[kLanes] = {};
  int k = 0;
  for (; k + kLanes <= taps; k += kLanes) {
    for (int lane = 0; lane < kLanes; lane++) lanes[lane] += samples[k + lane] * row[k + lane];
  }
  for (int lane = 0; k < taps; k++, lane++) lanes[lane] += samples[k] * row[k];
  return ((lanes[0] + lanes[4]) + (lanes[2] + lanes[6])) + ((lanes[1] + lanes[5]) + (lanes[3] + lanes[7]));
}

// resampleSpeech(out Int16, window Float32, table Float32, numbers Float64[first, up, down, phases, taps, window start])
//   -> how many samples did not fit into 16 bits
// Sample first + n of `out` lies at input time (first + n) * down / up; `window` begins with input sample `window start`.
// The caller has made sure that the window reaches as far as the filter does.
napi_value resample_speech(Env& env, const Args& args) {
  napi_env napi = env.napi();
  size_t count = 0;
  auto* out = array_data<int16_t>(napi, args[0], &count);
  const float* window = array_data<float>(napi, args[1]);
  const float* table = array_data<float>(napi, args[2]);
  const double* numbers = array_data<double>(napi, args[3]);
  const auto first = static_cast<int64_t>(numbers[0]), up = static_cast<int64_t>(numbers[1]);
  const auto down = static_cast<int64_t>(numbers[2]), phases = static_cast<int64_t>(numbers[3]);
  const auto taps = static_cast<int>(numbers[4]);
  const int64_t before = taps / 2 - 1 + static_cast<int64_t>(numbers[5]);
  int clipped = 0;
  for (size_t n = 0; n < count; n++) {
    const int64_t at = (first + static_cast<int64_t>(n)) * down;
    const int64_t whole = at / up, scaled = (at - whole * up) * phases, near = scaled / up;
    const float* samples = window + (whole - before);
    const float* row = table + near * taps;
    float sum = dot(samples, row, taps);
    // Between two rows where the ratio has more positions than the table.
    if (const int64_t rest = scaled - near * up; rest > 0) {
      sum += static_cast<float>(rest) / static_cast<float>(up) * (dot(samples, row + taps, taps) - sum);
    }
    const double value = std::floor(static_cast<double>(sum) + 0.5);
    if (value > 32767 || value < -32768) clipped++;
    out[n] = static_cast<int16_t>(std::clamp(value, -32768.0, 32767.0));
  }
  return js_number(napi, clipped);
}

}  // namespace

void init_sinc(Env& env, napi_value exports) { define<resample_speech>(env, exports, "resampleSpeech"); }

}  // namespace talk
