// Verb `bin`: ordinary elements behind ghost pads. See base_bin.cc.
#pragma once

#include <set>

#include "element.h"
#include "lent.h"

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
  // A new stream comes, or what was on its way has been flushed.
  void begun(GstPad* pad);
  void set_lent(GParamSpec* pspec, const GValue* value) override { lent_.set(pspec, value); }
  void get_lent(GParamSpec* pspec, GValue* value) override { lent_.get(pspec, value); }

  // --- JS thread ---
  // Points a pad of the bin to a pad of a child (any free one when `pad` is empty). A sentence when that fails.
  std::string target(const std::string& ghost, GstElement* child, const std::string& pad);
  // The child that has the properties of the stock element.
  void lend(GObject* child) { lent_.give(child); }

 protected:
  bool open() override;
  bool built() const override { return true; }
  bool before_start() override;
  void close() override;

 private:
  GstPad* make_ghost(GstPadTemplate* templ, const std::string& name);
  bool awaits_caps();  // with the lock held

  // The bin's EOS and the end of a branch come on different threads: one of the two must see the other.
  std::mutex eos_mutex_;
  std::set<GstPad*> ended_;  // by address only
  bool eos_held_ = false;
  std::atomic<guint> serial_{0};
  Lent lent_;
};

}  // namespace talk
