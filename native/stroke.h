// A mouth that is still to be drawn on a frame when JS gives it. The thread that carries the frame draws it, so that
// pixels never hold up the JS thread, which all sessions share.
#pragma once

#include <gst/gst.h>
#include <node_api.h>

#include <cstdint>
#include <memory>
#include <vector>

namespace talk {

class Env;

struct Stroke {
  enum class Kernel : int { kPaste = 0, kWarp = 1 };
  Kernel kernel = Kernel::kPaste;
  // The I420 picture in the frame: size, where its planes begin and how long their rows are, bytes.
  int width = 0, height = 0;
  int offsets[3] = {}, strides[3] = {};
  // Where the plane of alpha begins and how long its rows are; a length of 0: there is none.
  int alpha_offset = 0, alpha_stride = 0;
  // What is drawn: `size` x `size` cells into the box; see paste.cc and warp.cc.
  int size = 0;
  bool chroma_left = false, reference_blue_first = false;
  double x = 0, y = 0, w = 0, h = 0, fade = 1;
  double colour[12] = {};  // RGB -> YUV rows, then offsets
  // Copies: JS goes on with its own.
  std::vector<uint8_t> pixels, mask, reference;

  // From JS, which has checked it; see src/lipsync/stroke.ts. Null for undefined and null, and, with a JS exception,
  // for a picture that is larger than the frame of `bytes`.
  static std::unique_ptr<Stroke> read(napi_env napi, napi_value list, size_t bytes);
  void draw(uint8_t* frame) const;
  // On a buffer that nobody else has.
  void draw(GstBuffer* buffer) const;
};

// Blends a patch in.
void paste(const Stroke& stroke, uint8_t* frame);
// Moves the picture's own pixels and paints what they uncover.
void warp(const Stroke& stroke, uint8_t* frame);

// Adds `drawNow` to the addon's exports.
void init_stroke(Env& env, napi_value exports);

}  // namespace talk
