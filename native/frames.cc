#include "frames.h"

#include <gst/audio/audio.h>

#include <algorithm>
#include <cstring>
#include <mutex>
#include <unordered_set>

#include "element.h"
#include "js.h"
#include "value.h"

namespace talk {

namespace {

double as_slot(GstClockTime time) { return GST_CLOCK_TIME_IS_VALID(time) ? static_cast<double>(time) : -1; }
GstClockTime from_slot(double number) {
  return number >= 0 ? static_cast<GstClockTime>(number) : GST_CLOCK_TIME_NONE;
}

// Metas must be known to GStreamer before they are read or written; once per process and name.
const GstMetaInfo* custom_meta(const std::string& name) {
  static auto* mutex = new std::mutex();
  std::lock_guard<std::mutex> lock(*mutex);
  if (const GstMetaInfo* known = gst_meta_get_info(name.c_str())) {
    return gst_meta_info_is_custom(known) ? known : nullptr;
  }
  // GStreamer registers its own when they are first used; a custom one in their place would break them.
  if (g_str_has_prefix(name.c_str(), "Gst")) return nullptr;
  static const gchar* no_tags[] = {nullptr};
  // Without tags a meta says nothing about pixels or samples, so converters carry it along.
  return gst_meta_register_custom(name.c_str(), no_tags, nullptr, nullptr, nullptr);
}

void write_planes(double* header, GstBuffer* buffer, size_t size, const GstVideoInfo& info) {
  const GstVideoMeta* meta = gst_buffer_get_video_meta(buffer);
  const GstVideoFormatInfo* format = info.finfo;
  const guint planes = GST_VIDEO_INFO_N_PLANES(&info);
  for (guint plane = 0; plane < planes; plane++) {
    const gsize offset = meta != nullptr ? meta->offset[plane] : info.offset[plane];
    const gint stride = meta != nullptr ? meta->stride[plane] : info.stride[plane];
    guint component = 0;
    while (component + 1 < format->n_components && format->plane[component] != plane) component++;
    const gint width = GST_VIDEO_SUB_SCALE(format->w_sub[component], info.width);
    const gint height = GST_VIDEO_SUB_SCALE(format->h_sub[component], info.height);
    if (offset >= size) return;
    double* out = header + slot::kPlane + plane * 4;
    out[0] = static_cast<double>(offset);
    out[1] = stride;
    out[2] = width;
    out[3] = height;
  }
  header[slot::kPlanes] = planes;
}

}  // namespace

napi_value foreign_array(napi_env napi, void* data, size_t size) {
  napi_value array = nullptr;
  if (size > 0) {
    const napi_status made = napi_create_external_arraybuffer(napi, data, size, nullptr, nullptr, &array);
    if (made == napi_ok) return array;
    return nullptr;
  }
  void* nothing = nullptr;
  napi_create_arraybuffer(napi, 0, &nothing, &array);
  return array;
}

napi_value Loan::lend(JsSide& side, GstBuffer* buffer, GstMapFlags flags, uint32_t instance) {
  auto* loan = new Loan(side, buffer, instance);
  if (!gst_buffer_map(buffer, &loan->map_, flags)) {
    gst_buffer_unref(buffer);
    delete loan;
    return nullptr;
  }
  napi_value array = nullptr;
  if (loan->map_.size == 0 || napi_create_external_arraybuffer(side.napi(), loan->map_.data, loan->map_.size,
                                                               &Loan::on_collected, loan, &array) != napi_ok) {
    gst_buffer_unmap(buffer, &loan->map_);
    gst_buffer_unref(buffer);
    delete loan;
    return nullptr;
  }
  loan->watch_.lent(loan->map_);
  napi_create_reference(side.napi(), array, 0, &loan->weak_);
  side.loans.emplace(loan->map_.data, loan);
  return array;
}

void Loan::revoke_all(JsSide& side, uint32_t instance) {
  std::vector<Loan*> mine;
  for (const auto& [data, loan] : side.loans) {
    if (loan->instance_ == instance) mine.push_back(loan);
  }
  for (Loan* loan : mine) loan->revoke(side.napi());
}

// Two pipes behind a tee are lent the same memory, so the address alone does not tell.
Loan* Loan::find(JsSide& side, napi_value array, const void* data) {
  const auto [first, last] = side.loans.equal_range(data);
  for (auto at = first; at != last; ++at) {
    napi_value lent = nullptr;
    bool same = false;
    if (napi_get_reference_value(side.napi(), at->second->weak_, &lent) != napi_ok || lent == nullptr) continue;
    if (napi_strict_equals(side.napi(), lent, array, &same) == napi_ok && same) return at->second;
  }
  return nullptr;
}

void Loan::end_all(JsSide& side) {
  while (!side.loans.empty()) {
    if (GstBuffer* buffer = side.loans.begin()->second->release()) gst_buffer_unref(buffer);
  }
}

GstBuffer* Loan::release() {
  if (buffer_ == nullptr) return nullptr;
  const auto [first, last] = side_.loans.equal_range(map_.data);
  side_.loans.erase(std::find_if(first, last, [this](const auto& entry) { return entry.second == this; }));
  if (watch_.broken(map_.data)) {
    if (const Peer::Held held = side_.instance(instance_)) held->fail({"library", "failed", kWroteReadOnly, ""});
  }
  gst_buffer_unmap(buffer_, &map_);
  GstBuffer* buffer = buffer_;
  buffer_ = nullptr;
  return buffer;
}

GstBuffer* Loan::take_back(napi_env napi, napi_value array) {
  napi_detach_arraybuffer(napi, array);
  return release();
}

void Loan::revoke(napi_env napi) {
  napi_value array = nullptr;
  if (weak_ != nullptr && napi_get_reference_value(napi, weak_, &array) == napi_ok && array != nullptr) {
    napi_detach_arraybuffer(napi, array);
  }
  if (GstBuffer* buffer = release()) gst_buffer_unref(buffer);
}

void Loan::on_collected(napi_env napi, void*, void* hint) {
  auto* loan = static_cast<Loan*>(hint);
  if (GstBuffer* buffer = loan->release()) gst_buffer_unref(buffer);
  if (loan->weak_ != nullptr) napi_delete_reference(napi, loan->weak_);
  delete loan;
}

void write_header(JsSide& side, GstBuffer* buffer, size_t size, const GstVideoInfo* video, uint32_t flags) {
  double* header = side.header;
  header[slot::kPts] = as_slot(GST_BUFFER_PTS(buffer));
  header[slot::kDts] = as_slot(GST_BUFFER_DTS(buffer));
  header[slot::kDuration] = as_slot(GST_BUFFER_DURATION(buffer));
  header[slot::kOffset] =
      GST_BUFFER_OFFSET_IS_VALID(buffer) ? static_cast<double>(GST_BUFFER_OFFSET(buffer)) : -1;
  if (GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_GAP)) flags |= frame_flag::kGap;
  if (GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DISCONT)) flags |= frame_flag::kDiscont;
  if (GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_HEADER)) flags |= frame_flag::kHeader;
  if (GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DELTA_UNIT)) flags |= frame_flag::kDelta;
  if (GST_BUFFER_FLAG_IS_SET(buffer, GST_BUFFER_FLAG_DROPPABLE)) flags |= frame_flag::kDroppable;
  header[slot::kFlags] = flags;
  header[slot::kPlanes] = 0;
  if (video != nullptr && size > 0) write_planes(header, buffer, size, *video);
}

napi_value metas_to_js(napi_env napi, GstBuffer* buffer) {
  napi_value metas = nullptr;
  gpointer state = nullptr;
  while (GstMeta* meta = gst_buffer_iterate_meta(buffer, &state)) {
    if (!gst_meta_info_is_custom(meta->info)) continue;
    auto* custom = reinterpret_cast<GstCustomMeta*>(meta);
    if (metas == nullptr) metas = js_object(napi);
    const GstStructure* structure = gst_custom_meta_get_structure(custom);
    js_set(napi, metas, gst_structure_get_name(structure), structure_to_js(napi, structure));
  }
  return metas != nullptr ? metas : js_undefined(napi);
}

namespace {

void add_metas(napi_env napi, GstBuffer* buffer, napi_value metas) {
  napi_value names = nullptr;
  uint32_t count = 0;
  if (js_is_nullish(napi, metas) || napi_get_property_names(napi, metas, &names) != napi_ok) return;
  napi_get_array_length(napi, names, &count);
  for (uint32_t i = 0; i < count; i++) {
    napi_value key = nullptr;
    napi_value fields = nullptr;
    napi_get_element(napi, names, i, &key);
    napi_get_property(napi, metas, key, &fields);
    const std::string name = js_to_string(napi, key);
    if (custom_meta(name) == nullptr) {
      js_throw(napi, "the meta " + name + " is GStreamer's own; choose another name");
      return;
    }
    GstCustomMeta* meta = gst_buffer_get_custom_meta(buffer, name.c_str());
    if (meta == nullptr) meta = gst_buffer_add_custom_meta(buffer, name.c_str());
    if (meta == nullptr) continue;
    GstStructure* source = js_to_structure(napi, name.c_str(), fields);
    GstStructure* target = gst_custom_meta_get_structure(meta);
    gst_structure_remove_all_fields(target);
    gst_structure_foreach(
        source,
        [](GQuark field, const GValue* value, gpointer data) -> gboolean {
          gst_structure_id_set_value(static_cast<GstStructure*>(data), field, value);
          return TRUE;
        },
        target);
    gst_structure_free(source);
  }
}

// The memory of a frame: lent memory back, or a copy of JS's own.
GstBuffer* take_memory(JsSide& side, napi_value view) {
  napi_env napi = side.napi();
  napi_typedarray_type type;
  size_t size = 0;
  size_t offset = 0;
  void* data = nullptr;
  napi_value array = nullptr;
  if (js_is_nullish(napi, view) ||
      napi_get_typedarray_info(napi, view, &type, &size, &data, &array, &offset) != napi_ok || size == 0) {
    return gst_buffer_new();
  }
  if (Loan* loan = Loan::find(side, array, static_cast<guint8*>(data) - offset)) {
    GstBuffer* buffer = loan->take_back(napi, array);
    if (offset != 0 || size != gst_buffer_get_size(buffer)) {
      buffer = gst_buffer_make_writable(buffer);
      gst_buffer_resize(buffer, static_cast<gssize>(offset), static_cast<gssize>(size));
    }
    return buffer;
  }
  GstBuffer* buffer = gst_buffer_new_allocate(nullptr, size, nullptr);
  gst_buffer_fill(buffer, 0, data, size);
  return buffer;
}

void set_flag(GstBuffer* buffer, uint32_t flags, uint32_t bit, GstBufferFlags flag) {
  if ((flags & bit) != 0) {
    GST_BUFFER_FLAG_SET(buffer, flag);
  } else {
    GST_BUFFER_FLAG_UNSET(buffer, flag);
  }
}

}  // namespace

GstBuffer* take_frame(JsSide& side, napi_value view, napi_value metas) {
  // Read first: what follows may call into the engine.
  const double* out = side.header + slot::kOut;
  const GstClockTime pts = from_slot(out[slot::kPts]);
  const GstClockTime dts = from_slot(out[slot::kDts]);
  const GstClockTime duration = from_slot(out[slot::kDuration]);
  const guint64 offset = out[slot::kOffset] >= 0 ? static_cast<guint64>(out[slot::kOffset]) : GST_BUFFER_OFFSET_NONE;
  const auto flags = static_cast<uint32_t>(out[slot::kFlags]);
  GstBuffer* buffer = gst_buffer_make_writable(take_memory(side, view));
  GST_BUFFER_PTS(buffer) = pts;
  GST_BUFFER_DTS(buffer) = dts;
  GST_BUFFER_DURATION(buffer) = duration;
  GST_BUFFER_OFFSET(buffer) = offset;
  set_flag(buffer, flags, frame_flag::kGap, GST_BUFFER_FLAG_GAP);
  set_flag(buffer, flags, frame_flag::kDiscont, GST_BUFFER_FLAG_DISCONT);
  set_flag(buffer, flags, frame_flag::kHeader, GST_BUFFER_FLAG_HEADER);
  set_flag(buffer, flags, frame_flag::kDelta, GST_BUFFER_FLAG_DELTA_UNIT);
  set_flag(buffer, flags, frame_flag::kDroppable, GST_BUFFER_FLAG_DROPPABLE);
  add_metas(side.napi(), buffer, metas);
  return buffer;
}

gsize audio_frame_bytes(const GstCaps* caps, gint* rate) {
  const GstStructure* structure = gst_caps_get_structure(caps, 0);
  const char* name = gst_structure_get_string(structure, "format");
  gint channels = 0;
  if (!gst_structure_has_name(structure, "audio/x-raw") || name == nullptr) return 0;
  const GstAudioFormat format = gst_audio_format_from_string(name);
  if (format == GST_AUDIO_FORMAT_UNKNOWN || !gst_structure_get_int(structure, "channels", &channels)) return 0;
  if (rate != nullptr && !gst_structure_get_int(structure, "rate", rate)) return 0;
  return static_cast<gsize>(GST_AUDIO_FORMAT_INFO_WIDTH(gst_audio_format_get_info(format)) / 8 * channels);
}

GstClockTime take_at(JsSide& side) { return from_slot(side.header[slot::kOut + slot::kAt]); }

}  // namespace talk
