// Verb `sink`: a GstBaseSink whose `render` is the author's.
#include <gst/base/gstbasesink.h>

#include "element.h"
#include "types.h"

namespace talk {

namespace {

class Sink final : public Element {
 public:
  using Element::Element;

  GstFlowReturn render(GstBuffer* buffer) {
    if (!spec().manual_epoch && (epoch.stale() || epoch.leftover(buffer))) return GST_FLOW_OK;
    auto* call = new Call(this, Op::kRender);
    call->epoch = drops_old() ? &epoch : nullptr;
    View* view = call->add_view(buffer, GST_MAP_READ);
    if (view == nullptr) {
      call->unref();
      fail({"stream", "failed", "a buffer could not be mapped"});
      return GST_FLOW_ERROR;
    }
    view->video = video();
    if (epoch.take_discont()) view->flags |= frame_flag::kDiscont;
    Outcome outcome = ask(call, true, true);
    while (outcome == Outcome::kPending) {
      // A pause: the frame stays at work, and the thread counts as waiting with it until the pipeline plays again.
      const GstFlowReturn flow = gst_base_sink_wait_preroll(GST_BASE_SINK(gst()));
      outcome = flow == GST_FLOW_FLUSHING ? give_up(call) : wait_on(call);
    }
    for (Item& item : call->items) {
      if (item.is_event()) gst_pad_push_event(GST_BASE_SINK_PAD(gst()), item.take_event());
    }
    call->unref();
    return to_flow(outcome);
  }

  // Set before the base class takes the lock that `render` holds, taken back with it: whoever waits cannot miss it.
  void set_unlocked(bool unlocked) {
    std::lock_guard<std::mutex> lock(mutex_);
    unlocked_ = unlocked;
    cond_.notify_all();
  }

 private:
  // The base class holds its preroll lock in `event` as in `render`, and a pause takes it; only `render` can wait in preroll.
  bool wanted(const Call& call) const override { return unlocked_ && call.op == Op::kRender; }
  bool yields(const Call& call) const override { return unlocked_ && call.op != Op::kRender; }

  bool unlocked_ = false;  // guarded by mutex_
};

Sink* self(gpointer instance) { return static_cast<Sink*>(Element::of(instance)); }

void wire(gpointer klass, const TypeSpec&) {
  auto* base = static_cast<GstBaseSinkClass*>(klass);
  base->render = [](GstBaseSink* sink, GstBuffer* buffer) { return self(sink)->render(buffer); };
  // Called for a pause as well as for a flush.
  base->unlock = [](GstBaseSink* sink) -> gboolean {
    self(sink)->set_unlocked(true);
    return TRUE;
  };
  base->unlock_stop = [](GstBaseSink* sink) -> gboolean {
    self(sink)->set_unlocked(false);
    return TRUE;
  };
  base->set_caps = [](GstBaseSink* sink, GstCaps* caps) -> gboolean {
    return self(sink)->setup(GST_BASE_SINK_PAD(sink), caps);
  };
  base->event = [](GstBaseSink* sink, GstEvent* event) -> gboolean {
    Sink* element = self(sink);
    if (element->on_sink_event(GST_BASE_SINK_PAD(sink), event, element->epoch, true)) return TRUE;
    if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_START) {
      element->set_flushing(true);
      element->tell(Op::kAbort);
    }
    if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP) element->set_flushing(false);
    if (GST_EVENT_TYPE(event) == GST_EVENT_EOS && element->has(kHasDrain)) {
      element->ask(new Call(element, Op::kDrain), true);
    }
    return parent_class<GstBaseSinkClass>(sink)->event(sink, event);
  };
  // The pipeline's latency comes as an event to the element, not to its pad.
  GST_ELEMENT_CLASS(klass)->send_event = [](GstElement* gst, GstEvent* event) -> gboolean {
    self(gst)->on_src_event(GST_BASE_SINK_PAD(gst), event);
    return parent_class<GstElementClass>(gst)->send_event(gst, event);
  };
}

}  // namespace

const Base& sink_base() {
  static const Base base = {
      gst_base_sink_get_type,
      wire,
      [](GstElement* gst, const TypeSpec& spec) -> Element* { return new Sink(gst, spec); },
      [](Element* element) {
        auto* sink = GST_BASE_SINK(element->gst());
        gst_base_sink_set_sync(sink, element->spec().sync);
        // What an author's sink needs is told by `setLatency`; the stock default of 20 ms would only delay.
        gst_base_sink_set_processing_deadline(sink, 0);
      },
  };
  return base;
}

}  // namespace talk
