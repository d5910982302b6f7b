// Verb `mixer`. See base_mixer.cc.
#pragma once

#include <gst/base/gstaggregator.h>

#include "element.h"

namespace talk {

class Mixer final : public Element {
 public:
  using Element::Element;

  GstFlowReturn aggregate(bool timeout);
  GstClockTime next_time();
  GstAggregatorPad* new_pad(GstPadTemplate* templ, const gchar* wanted);
  // True when the event was used up.
  bool arrived(GstAggregatorPad* pad, GstEvent* event);
  bool reached(GstAggregatorPad* pad, GstEvent* event);
  bool negotiated(GstCaps* caps);
  // Frames that came after their time, since the start.
  guint64 late() const { return late_; }

  void set_latency(GstClockTime min, GstClockTime max) override;
  void set_output_caps(GstCaps* caps) override;

 protected:
  bool before_start() override;

 private:
  GstClockTime frame_time(guint64 n) const;
  GstBuffer* pick(GstAggregatorPad* pad, GstClockTime middle, bool* missing);
  void drop_stale();
  template <typename F>
  void each_pad(F&& body);
  GstFlowReturn finish(Call* call, GstClockTime pts, GstClockTime duration);

  // The mixer's own thread only, but for late_.
  guint64 frame_ = 0;
  gint fps_n_ = 0, fps_d_ = 1;
  std::atomic<guint64> late_{0};
  std::atomic<guint> serial_{0};  // pads may be asked for on any thread
};

}  // namespace talk
