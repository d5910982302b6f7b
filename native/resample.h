// Resampling of small pictures onto a pixel grid: bilinear or by quadratic B-splines when enlarging, area-weighted when shrinking.
#pragma once

#include <cstdint>
#include <vector>

namespace talk {

// For each of `count` output samples from number `first` on: which inputs it is made of and with what weights.
// One axis; a separable picture has two of these.
struct Taps {
  int first = 0;
  int count = 0;
  int length = 0;  // inputs per output
  std::vector<int32_t> from;
  std::vector<float> weights;  // count x length, each row sums to 1
};

// Where the inputs of one axis lie on the output's axis.
struct Axis {
  double origin = 0;   // output coordinate at which the first input begins
  double extent = 1;   // how far all inputs reach on the output's axis
  int inputs = 1;      // how many there are
  int used_first = 0;  // only outputs touched by these inputs are made (the rest is known to be zero)
  int used_last = 0;
  double step = 1;     // output sample i is taken at coordinate i * step + shift
  double shift = 0.5;
  int limit = 1;       // outputs are numbers 0 .. limit - 1
  bool all = false;    // make every output; beyond the inputs their edge repeats
  bool smooth = false; // B-splines: the cells do not show, and what is sharp becomes a little softer
};

void make_taps(const Axis& axis, Taps* taps);

// Rows 0..rows-1 of `in` (row length `stride`) through `taps` into `out` (row length taps.count).
void resample_rows(const float* in, int stride, int rows, const Taps& taps, float* out);

// Output row `i` of `taps` from `in`, which holds the input rows `first`..`last` (row length `width`); all
// other input rows count as zero.
void resample_column(const float* in, int width, int first, int last, const Taps& taps, int i, float* out);

}  // namespace talk
