#include "audiogate.h"

#include <algorithm>

namespace talk {

bool AudioPieces::setup(GstCaps* caps, GstClockTime length) {
  GstAudioInfo info;
  if (!gst_audio_info_from_caps(&info, caps)) return false;
  rate_ = GST_AUDIO_INFO_RATE(&info);
  bytes_per_frame_ = GST_AUDIO_INFO_BPF(&info);
  piece_ = std::max<guint64>(1, frames_of(length));
  return true;
}

GstBuffer* AudioPieces::smooth(GstBuffer* whole) const {
  const GstClockTime pts = GST_BUFFER_PTS(whole);
  const GstClockTime sample = GST_SECOND / static_cast<GstClockTime>(rate_);
  if (!GST_BUFFER_IS_DISCONT(whole) || !GST_CLOCK_TIME_IS_VALID(pts) || !GST_CLOCK_TIME_IS_VALID(position_)) return whole;
  if (pts > position_ + sample) return whole;
  whole = gst_buffer_make_writable(whole);
  GST_BUFFER_FLAG_UNSET(whole, GST_BUFFER_FLAG_DISCONT);
  return whole;
}

bool AudioPieces::joins(GstBuffer* whole) const {
  const GstClockTime pts = GST_BUFFER_PTS(whole);
  if (!GST_CLOCK_TIME_IS_VALID(pts) || !GST_CLOCK_TIME_IS_VALID(position_)) return false;
  const GstClockTime sample = GST_SECOND / static_cast<GstClockTime>(rate_);
  const auto frames = static_cast<gint64>(gst_buffer_get_size(whole) / static_cast<gsize>(bytes_per_frame_));
  return pts <= position_ + sample && pts + gst_util_uint64_scale_int(frames, GST_SECOND, rate_) > position_;
}

void AudioPieces::begin(GstBuffer* whole) {
  drop();
  whole_ = whole;
  total_ = gst_buffer_get_size(whole) / static_cast<gsize>(bytes_per_frame_);
  const GstClockTime pts = GST_BUFFER_PTS(whole);
  if (!GST_CLOCK_TIME_IS_VALID(pts) || !GST_CLOCK_TIME_IS_VALID(position_) || pts >= position_) return;
  taken_ = std::min(total_, frames_of(position_ - pts));
}

GstBuffer* AudioPieces::next(bool split, GstClockTime end, GstClockTime fade_end) {
  guint64 until = total_;
  if (whole_ != nullptr && GST_CLOCK_TIME_IS_VALID(end) && GST_BUFFER_PTS_IS_VALID(whole_)) {
    const auto frame_at = [&](GstClockTime time) {
      return time > GST_BUFFER_PTS(whole_) ? frames_of(time - GST_BUFFER_PTS(whole_)) : 0;
    };
    until = std::min(total_, frame_at(taken_ < frame_at(end) ? end : fade_end));
  }
  if (whole_ == nullptr || taken_ >= until) {
    drop();
    return nullptr;
  }
  const guint64 first = taken_;
  const guint64 count = split ? std::min(piece_, until - first) : until - first;
  taken_ += count;
  const auto bytes = static_cast<gsize>(bytes_per_frame_);
  const auto copied = static_cast<GstBufferCopyFlags>(GST_BUFFER_COPY_FLAGS | GST_BUFFER_COPY_META | GST_BUFFER_COPY_MEMORY);
  GstBuffer* piece = gst_buffer_copy_region(whole_, copied, first * bytes, count * bytes);
  if (first > 0) GST_BUFFER_FLAG_UNSET(piece, GST_BUFFER_FLAG_DISCONT);
  if (!GST_BUFFER_PTS_IS_VALID(whole_)) return piece;
  // Both ends from the buffer's own counter, so that pieces join without rounding gaps.
  const GstClockTime pts = GST_BUFFER_PTS(whole_);
  const auto at = [&](guint64 frame) { return pts + gst_util_uint64_scale_round(frame, GST_SECOND, rate_); };
  GST_BUFFER_PTS(piece) = at(first);
  GST_BUFFER_DURATION(piece) = at(first + count) - at(first);
  return piece;
}

void AudioPieces::left(GstBuffer* piece) {
  if (GST_BUFFER_PTS_IS_VALID(piece)) position_ = GST_BUFFER_PTS(piece) + GST_BUFFER_DURATION(piece);
}

void AudioPieces::drop() {
  if (whole_ != nullptr) gst_buffer_unref(whole_);
  whole_ = nullptr;
  taken_ = total_ = 0;
}

void AudioPieces::reset() {
  drop();
  position_ = GST_CLOCK_TIME_NONE;
}

}  // namespace talk
