// Verb `bin`: ordinary elements behind ghost pads. See base_bin.cc.
#pragma once

#include "element.h"

namespace talk {

class Bin final : public Element {
 public:
  using Element::Element;

  void add_static_pads();
  GstPad* request_pad(GstPadTemplate* templ, const gchar* wanted);
  void release_pad(GstPad* pad);
  // Caps have reached a sink pad: the author may build what they need. False when that failed.
  bool caps_known(GstPad* pad, GstCaps* caps);
  // True when the bin's own EOS must wait for a branch that is not built yet.
  bool hold_eos();
  void ended(GstPad* pad);

  // --- JS thread ---
  // Points a pad of the bin to a pad of a child (any free one when `pad` is empty). A sentence when that fails.
  std::string target(const std::string& ghost, GstElement* child, const std::string& pad);

 protected:
  bool open() override;
  bool before_start() override;
  void close() override;

 private:
  GstPad* make_ghost(GstPadTemplate* templ, const std::string& name);
  bool awaits_caps(GstPad* but);
  std::atomic<bool> eos_held_{false};
  guint serial_ = 0;
};

}  // namespace talk
