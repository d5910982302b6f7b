#include "stroke.h"

#include <algorithm>

#include "js.h"
#include "planes.h"

namespace talk {

namespace {

std::vector<uint8_t> bytes_of(napi_env napi, napi_value value) {
  size_t length = 0;
  const uint8_t* data = array_data<uint8_t>(napi, value, &length);
  return data != nullptr ? std::vector<uint8_t>(data, data + length) : std::vector<uint8_t>();
}

// drawNow(frame Uint8, stroke): at once, on the calling thread.
napi_value draw_now(Env& env, const Args& args) {
  size_t size = 0;
  auto* frame = array_data<uint8_t>(env.napi(), args[0], &size);
  if (const auto stroke = Stroke::read(env.napi(), args[1], size)) stroke->draw(frame);
  return nullptr;
}

}  // namespace

std::unique_ptr<Stroke> Stroke::read(napi_env napi, napi_value list, size_t bytes) {
  if (list == nullptr || js_is_nullish(napi, list)) return nullptr;
  napi_value parts[6] = {};
  for (uint32_t i = 0; i < 6; i++) napi_get_element(napi, list, i, &parts[i]);
  const int32_t* layout = array_data<int32_t>(napi, parts[1]);
  const double* numbers = array_data<double>(napi, parts[2]);
  if (layout == nullptr || numbers == nullptr) return nullptr;
  auto stroke = std::make_unique<Stroke>();
  stroke->kernel = static_cast<Kernel>(static_cast<int>(js_to_number(napi, parts[0])));
  stroke->width = layout[0];
  stroke->height = layout[1];
  std::copy(layout + 2, layout + 5, stroke->offsets);
  std::copy(layout + 5, layout + 8, stroke->strides);
  stroke->size = layout[8];
  stroke->chroma_left = layout[9] != 0;
  stroke->reference_blue_first = layout[10] != 0;
  stroke->alpha_offset = layout[11];
  stroke->alpha_stride = layout[12];
  for (int p = 0; p < 4; p++) {
    const bool alpha = p == 3;
    const int div = p == 0 || alpha ? 1 : 2;
    const int width = (layout[0] + div - 1) / div, height = (layout[1] + div - 1) / div;
    const int64_t from = alpha ? layout[11] : layout[2 + p], stride = alpha ? layout[12] : layout[5 + p];
    if (alpha && stride == 0) continue;
    const int64_t end = from + stride * (height - 1) + width;
    if (end <= static_cast<int64_t>(bytes)) continue;
    js_throw(napi, "a stroke on a picture that is larger than its frame");
    return nullptr;
  }
  stroke->x = numbers[0];
  stroke->y = numbers[1];
  stroke->w = numbers[2];
  stroke->h = numbers[3];
  stroke->fade = numbers[4];
  std::copy(numbers + 5, numbers + 17, stroke->colour);
  stroke->pixels = bytes_of(napi, parts[3]);
  stroke->mask = bytes_of(napi, parts[4]);
  stroke->reference = bytes_of(napi, parts[5]);
  return stroke;
}

void Stroke::draw(uint8_t* frame) const {
  if (kernel == Kernel::kPaste) {
    paste(*this, frame);
  } else {
    warp(*this, frame);
  }
}

void Stroke::draw(GstBuffer* buffer) const {
  GstMapInfo map;
  if (!gst_buffer_map(buffer, &map, GST_MAP_READWRITE)) return;
  draw(map.data);
  gst_buffer_unmap(buffer, &map);
}

void init_stroke(Env& env, napi_value exports) { define<draw_now>(env, exports, "drawNow"); }

}  // namespace talk
