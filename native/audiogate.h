// Raw audio cut into short pieces that leave one by one, on a time line that never goes back.
#pragma once

#include <gst/audio/audio.h>
#include <gst/gst.h>

namespace talk {

// Streaming thread only.
class AudioPieces {
 public:
  AudioPieces() = default;
  AudioPieces(const AudioPieces&) = delete;
  ~AudioPieces() { drop(); }

  // False when `caps` are no raw interleaved audio.
  bool setup(GstCaps* caps, GstClockTime length);
  // Takes the DISCONT flag off a buffer that reaches back to the output's position or behind it: after a cut the
  // output goes on without a jump, so the encoder must not start anew. Takes and gives the reference.
  GstBuffer* smooth(GstBuffer* whole) const;
  // True when the output's position lies in this buffer, or it begins there.
  bool joins(GstBuffer* whole) const;
  // Takes the next whole buffer. What of it lies before the output's position is left out.
  void begin(GstBuffer* whole);
  // The next piece (the caller's), or all that is left unless `split`; null when nothing is left. No piece reaches over
  // `end`; the one that begins there ends at `fade_end`, and behind that nothing is left (NONE: there is no end).
  GstBuffer* next(bool split, GstClockTime end = GST_CLOCK_TIME_NONE, GstClockTime fade_end = GST_CLOCK_TIME_NONE);
  // Where the output stands; NONE before anything has gone out.
  GstClockTime position() const { return position_; }
  // `piece` has gone out: the output stands at its end.
  void left(GstBuffer* piece);
  // Forgets the rest of the whole buffer.
  void drop();
  // A new stream: forgets the position as well.
  void reset();

 private:
  guint64 frames_of(GstClockTime duration) const { return gst_util_uint64_scale_round(duration, rate_, GST_SECOND); }

  GstBuffer* whole_ = nullptr;
  guint64 taken_ = 0;  // frames of `whole_`
  guint64 total_ = 0;
  guint64 piece_ = 1;
  gint rate_ = 1;
  gint bytes_per_frame_ = 1;
  GstClockTime position_ = GST_CLOCK_TIME_NONE;
};

}  // namespace talk
