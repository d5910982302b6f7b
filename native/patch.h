// Turns a square RGB patch into what is added to a YUV picture: out = in * (1 - a) + b.
//
// `reference` is what the model was shown of the picture under the patch. Where the patch hardly differs from
// it, only the difference is added, so the picture keeps its own sharpness and an unchanged mouth leaves the
// picture unchanged; where it differs much (the inside of the mouth), the patch replaces the picture. The step
// between the two is smooth. A constant colour offset along the left and right seam, as nets trained on other
// faces leave it, is taken off first.
#pragma once

#include <cstdint>
#include <vector>

namespace talk {

struct PatchInput {
  int size = 0;
  const uint8_t* patch = nullptr;      // size x size x 3, red first
  const uint8_t* reference = nullptr;  // the same in either order, or null: plain blend
  bool reference_blue_first = false;
  const uint8_t* mask = nullptr;  // size x size, 255 = all patch
  const double* colour = nullptr;  // rows of the RGB -> YUV matrix, then the three offsets
  float fade = 1;
};

// Planes of size x size floats; valid between the rows and columns that the mask uses.
struct PatchTerms {
  int first_row = 0, last_row = -1, first_column = 0, last_column = -1;
  std::vector<float> a, by, bu, bv;

  // Fills the planes; false when the mask is empty.
  bool make(const PatchInput& in);

 private:
  void seam_offsets(const PatchInput& in);
  void detail_weight(const PatchInput& in);
  std::vector<float> y_, u_, v_, ry_, ru_, rv_, change_, keep_;
};

}  // namespace talk
