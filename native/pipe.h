// Verb `pipe`: a decoupled element. Buffers and events wait in a bounded queue until JS takes them; what JS makes
// waits in another until the element's own task pushes it. See base_pipe.cc.
#pragma once

#include <deque>

#include "element.h"

namespace talk {

class Pipe final : public Element {
 public:
  using Element::Element;

  // What JS gets when it takes: the kind, and a buffer or event for some of them.
  enum class Taken { kNothing = 0, kFrame = 1, kEvent = 2, kEnd = 3, kStale = 4, kCaps = 5 };

  // --- streaming threads ---
  void add_pads();
  GstFlowReturn chain(GstBuffer* buffer);
  GstFlowReturn sink_event(GstEvent* event);
  gboolean activate_src(bool active);
  void loop();

  // --- JS thread ---
  // The next item of generation `generation`; kNothing arms a kReady. `token` names an event until it is yielded.
  Taken take(uint32_t generation, GstMiniObject** object, uint32_t* token);
  // Puts a frame (or null: the end) into the out queue. False: full, kSpace will be told.
  bool emit(Item&& item, uint32_t generation) override;
  // Forwards an event that was taken before. False when it is not there any more; no token is given twice.
  bool forward(uint32_t token);
  // Caps that JS wants on the src pad; they need not be fixed.
  void set_output_caps(GstCaps* caps) override;
  void send(GstEvent* event, const std::string& pad) override;
  // Buffers that wait for JS, and for the next element.
  void levels(guint* in, guint* out);

 protected:
  bool before_start() override;
  void unblock() override;
  void invalidate() override;
  void restarted() override;
  void after_stop() override;

 private:
  struct Handed {
    uint32_t token;
    GstEvent* event;
  };
  void restart(bool drop_events);
  void notify_ready();
  bool push_caps(GstCaps* caps);
  bool give(Item&& item);  // with the lock held

  GstPad* sink_ = nullptr;
  GstPad* src_ = nullptr;

  // Guarded by mutex_.
  std::deque<Item> in_, out_;
  std::deque<Handed> handed_;
  guint in_buffers_ = 0, out_buffers_ = 0;
  uint32_t generation_ = 0, last_token_ = 0;
  bool armed_ = false, room_wanted_ = false, discont_ = false;
  GstFlowReturn flow_ = GST_FLOW_OK;
};

}  // namespace talk
