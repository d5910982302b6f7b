#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC optimize("O3")
#endif
#include "webp.h"

#include <webp/decode.h>

#include <cstdint>
#include <cstring>
#include <vector>

#include "js.h"
#include "over.h"
#include "planes.h"

namespace talk {

namespace {

// webpSize(file): {width, height}, or undefined for what is not a still WebP picture.
napi_value webp_size(Env& env, const Args& args) {
  size_t length = 0;
  const uint8_t* file = array_data<uint8_t>(env.napi(), args[0], &length);
  WebPBitstreamFeatures features;
  if (WebPGetFeatures(file, length, &features) != VP8_STATUS_OK || features.has_animation != 0) return nullptr;
  napi_value size = js_object(env.napi());
  js_set(env.napi(), size, "width", js_number(env.napi(), features.width));
  js_set(env.napi(), size, "height", js_number(env.napi(), features.height));
  return size;
}

// decodeWebp(y, u, v, y', u', v', layout Int32[width, height, strides x 3, left, top, stride of a], file, a): whether it
// could be read. The window of the file that begins at (left, top), all even, over the second picture, which has the same
// layout. A stride of `a` above 0: the picture is left as it is, and how opaque its pixels are goes there.
napi_value decode_webp(Env& env, const Args& args) {
  napi_env napi = env.napi();
  uint8_t* to[3];
  const uint8_t* wall[3];
  read_planes(napi, args, 0, to);
  read_planes(napi, args, 3, wall);
  const int32_t* layout = array_data<int32_t>(napi, args[6]);
  size_t length = 0;
  const uint8_t* file = array_data<uint8_t>(napi, args[7], &length);
  const int width = layout[0], height = layout[1], kept = layout[7];
  uint8_t* opacity = kept > 0 ? array_data<uint8_t>(napi, args[8]) : nullptr;
  thread_local std::vector<uint8_t> alpha;
  WebPDecoderConfig config;
  WebPInitDecoderConfig(&config);
  config.options.use_cropping = 1;
  config.options.crop_left = layout[5];
  config.options.crop_top = layout[6];
  config.options.crop_width = width;
  config.options.crop_height = height;
  const bool read = WebPGetFeatures(file, length, &config.input) == VP8_STATUS_OK;
  const bool clear = read && config.input.has_alpha != 0;
  config.output.colorspace = clear ? MODE_YUVA : MODE_YUV;
  config.output.is_external_memory = 1;
  WebPYUVABuffer& out = config.output.u.YUVA;
  uint8_t** planes[3] = {&out.y, &out.u, &out.v};
  int* strides[3] = {&out.y_stride, &out.u_stride, &out.v_stride};
  size_t* sizes[3] = {&out.y_size, &out.u_size, &out.v_size};
  for (int p = 0; p < 3; p++) {
    *planes[p] = to[p];
    *strides[p] = layout[2 + p];
    *sizes[p] = static_cast<size_t>(layout[2 + p]) * (p == 0 ? height : height / 2);
  }
  if (clear && opacity != nullptr) {
    out.a = opacity;
    out.a_stride = kept;
    out.a_size = static_cast<size_t>(kept) * height;
  } else if (clear) {
    alpha.resize(static_cast<size_t>(width) * height);
    out.a = alpha.data();
    out.a_stride = width;
    out.a_size = alpha.size();
  } else if (opacity != nullptr) {
    std::memset(opacity, 255, static_cast<size_t>(kept) * height);
  }
  const bool good = read && WebPDecode(file, length, &config) == VP8_STATUS_OK;
  if (good && clear && opacity == nullptr) lay_over(to, wall, layout + 2, {alpha.data(), width}, width, height);
  return js_bool(napi, good);
}

}  // namespace

void init_webp(Env& env, napi_value exports) {
  define<webp_size>(env, exports, "webpSize");
  define<decode_webp>(env, exports, "decodeWebp");
}

}  // namespace talk
