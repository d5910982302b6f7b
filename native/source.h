// Verb `source`. See base_source.cc.
#pragma once

#include <deque>

#include "element.h"

namespace talk {

class Source final : public Element {
 public:
  using Element::Element;

  GstFlowReturn create(GstBuffer** out);
  void set_unlocked(bool unlocked);
  void caps_fixed(GstCaps* caps);
  void reset();
  // Drops frames that were given but not pushed, and makes native ask again. Events that belong to no frame stay, and so
  // does a frame whose events have begun to leave. False: there was none, what was given last has left. JS thread.
  bool revise();

  // --- sink pads beside src (source_sinks.cc) ---
  GstPad* request_pad(GstPadTemplate* templ, const gchar* wanted);
  void release_pad(GstPad* pad);

  // Appends to the queue; an empty item is the end of the stream. False: full, kSpace will be told.
  bool emit(Item&& item, uint32_t generation) override;
  void send(GstEvent* event, const std::string& pad) override;
  void set_output_caps(GstCaps* caps) override;

 protected:
  bool before_start() override;
  void unblock() override;
  void after_stop() override;

 private:
  static GstFlowReturn chain(GstPad* pad, GstObject* parent, GstBuffer* buffer);
  static gboolean sink_event(GstPad* pad, GstObject* parent, GstEvent* event);
  bool pulls() const { return has(kHasCreate); }
  void ask_create();
  void collect_answer();
  void drop_call();
  void advance(GstBuffer* buffer);
  void push_event(GstEvent* event);

  // Guarded by mutex_.
  std::deque<Item> queue_;
  std::deque<Item> early_;  // sticky events from before the first buffer
  Call* open_ = nullptr;
  bool unlocked_ = false;
  bool ended_ = false;
  bool leaving_ = false;  // events of the frame in front are out, and the frame is not
  GstClockTime position_ = 0;
  guint64 frames_ = 0;
  gsize frame_bytes_ = 0;  // of raw audio, else 0
  gint rate_ = 0;
  bool started_ = false;  // a buffer is out, so caps and segment are, too
  std::atomic<bool> room_wanted_{false};
  std::atomic<guint> serial_{0};  // of sink pads
  Epoch beside_;  // of the sink pads: what is cut there is cut by what travels there, not by ours
};

}  // namespace talk
