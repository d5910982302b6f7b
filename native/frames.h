// Buffers on their way to JS and back: lent memory, the numbers of a frame, metas. (Views of calls: views.cc.)
#pragma once

#include <gst/gst.h>
#include <gst/video/video.h>
#include <node_api.h>

#include "call.h"
#include "jsside.h"

namespace talk {

// Memory of a GstBuffer that JS holds for as long as it likes: frames from `alloc`, and what a pipe has taken. It
// goes back when JS hands it over, releases it, or forgets it (garbage collection).
class Loan {
 public:
  // Takes over `buffer`. Null (buffer freed) when it cannot be mapped.
  static napi_value lend(JsSide& side, GstBuffer* buffer, GstMapFlags flags, uint32_t instance);
  // Takes back everything that was lent to an instance (number 0: nobody's).
  static void revoke_all(JsSide& side, uint32_t instance);
  // The loan behind an array of JS, whose memory is at `data`; null when that is JS's own.
  static Loan* find(JsSide& side, napi_value array, const void* data);
  // The isolate ends: everything goes back. What V8 still tells of later finds nothing left to do.
  static void end_all(JsSide& side);

  // Detaches JS's view and gives the buffer back to C++ (the caller owns it).
  GstBuffer* take_back(napi_env napi, napi_value array);
  // JS's view without going through JS: detaches by the weak reference.
  void revoke(napi_env napi);
  size_t size() const { return map_.size; }
  const guint8* data() const { return map_.data; }

 private:
  Loan(JsSide& side, GstBuffer* buffer, uint32_t instance) : side_(side), buffer_(buffer), instance_(instance) {}
  static void on_collected(napi_env napi, void* data, void* hint);
  GstBuffer* release();

  JsSide& side_;
  GstBuffer* buffer_;  // null once given back
  uint32_t instance_;
  GstMapInfo map_ = {};
  ReadOnly watch_;
  napi_ref weak_ = nullptr;
};

// An ArrayBuffer over foreign memory, without an owner: whoever calls this detaches it in time.
napi_value foreign_array(napi_env napi, void* data, size_t size);

// Writes times, flags and picture layout of a buffer to the shared array. `video` may be null.
void write_header(JsSide& side, GstBuffer* buffer, size_t size, const GstVideoInfo* video, uint32_t extra_flags);
// Custom metas of a buffer as {name: fields}; undefined when it has none.
napi_value metas_to_js(napi_env napi, GstBuffer* buffer);

// The buffer for a frame that JS gives: `view` (a Uint8Array or null) with what the shared array says about it.
// Owned by the caller. Lent memory is handed over without a copy, everything else is copied.
GstBuffer* take_frame(JsSide& side, napi_value view, napi_value metas);
// Bytes of one sample of all channels of raw audio, and its rate; 0 for everything else. By hand, because GstAudioInfo
// wants a channel mask from three channels on, and caps without one are common.
gsize audio_frame_bytes(const GstCaps* caps, gint* rate);

// The `at` of that frame.
GstClockTime take_at(JsSide& side);

}  // namespace talk
