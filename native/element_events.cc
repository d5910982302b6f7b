// Custom events: what passes by is shown to JS, what JS makes is sent without making it wait.
#include <cstring>

#include "element.h"

namespace talk {

namespace {

bool is_ours(GstEvent* event) {
  const GstStructure* structure = gst_event_get_structure(event);
  return structure != nullptr && g_str_has_prefix(gst_structure_get_name(structure), "talkgraph/");
}

constexpr uint32_t kOutOfBand = 1, kUpstream = 2;

}  // namespace

bool Element::on_sink_event(GstPad* pad, GstEvent* event, Epoch& of_pad, bool ask_js) {
  const GstEventType type = GST_EVENT_TYPE(event);
  if (type == GST_EVENT_FLUSH_STOP) of_pad.flushed();
  if (type != GST_EVENT_CUSTOM_DOWNSTREAM && type != GST_EVENT_CUSTOM_DOWNSTREAM_OOB &&
      type != GST_EVENT_CUSTOM_DOWNSTREAM_STICKY && type != GST_EVENT_CUSTOM_BOTH) {
    return false;
  }
  if (!is_ours(event)) return false;
  const GstStructure* structure = gst_event_get_structure(event);
  const bool oob = !GST_EVENT_IS_SERIALIZED(event);
  if (gst_structure_has_name(structure, kCutEvent) && of_pad.cut(structure)) {
    // In this order: nothing that JS still answers for old data counts, then it hears of it, then whoever waits with
    // old data goes on.
    if (drops_old()) {
      invalidate();
      tell(Op::kAbort);
    }
    if (has(kHasEvent)) {
      tell(Op::kEvent, GST_PAD_NAME(pad), kOutOfBand, gst_structure_copy(structure));
    }
    if (drops_old()) restarted();
    gate.cut();
    {
      std::lock_guard<std::mutex> lock(mutex_);
      cond_.notify_all();
    }
    if (!spec_.hold) return false;
    // What has left a gate is played: nobody behind it may drop it, so the cut ends here.
    gst_event_unref(event);
    return true;
  }
  if (gst_structure_has_name(structure, kEpochEvent)) of_pad.begin(structure);
  if (gst_structure_has_name(structure, kReplayCutEvent)) of_pad.replay(structure);
  if (gst_structure_has_name(structure, kReplayEpochEvent)) of_pad.replayed(structure);
  if (!has(kHasEvent) || (!ask_js && !oob)) return false;
  if (oob) {
    // Out of band means now, and on whatever thread: never wait here.
    tell(Op::kEvent, GST_PAD_NAME(pad), kOutOfBand, gst_structure_copy(structure));
    return false;
  }
  auto* call = new Call(this, Op::kEvent);
  call->pad = GST_PAD_NAME(pad);
  call->structure = gst_structure_copy(structure);
  if (ask(call, true) != Outcome::kDrop) return false;
  gst_event_unref(event);
  return true;
}

void Element::on_src_event(GstPad* pad, GstEvent* event) {
  if (GST_EVENT_TYPE(event) == GST_EVENT_LATENCY) {
    latency.on_event(event);
    if (js_made) tell(Op::kLatency, {}, static_cast<double>(latency.pipeline()));
    return;
  }
  if (GST_EVENT_TYPE(event) != GST_EVENT_CUSTOM_UPSTREAM && GST_EVENT_TYPE(event) != GST_EVENT_CUSTOM_BOTH) return;
  if (!has(kHasEvent) || !is_ours(event)) return;
  tell(Op::kEvent, GST_PAD_NAME(pad), kOutOfBand | kUpstream, gst_structure_copy(gst_event_get_structure(event)));
}

void Element::send(GstEvent* event, const std::string& pad_name) {
  struct Job {
    GstElement* element;
    GstEvent* event;
    std::string pad;
  };
  auto job = std::make_shared<Job>(Job{GST_ELEMENT(gst_object_ref(gst_)), event, pad_name});
  // Pushing an event can run any element's code: never on the JS thread, but in order.
  serial_->run([job] {
    GstPad* target = nullptr;
    const GstPadDirection direction = GST_EVENT_IS_DOWNSTREAM(job->event) ? GST_PAD_SRC : GST_PAD_SINK;
    GST_OBJECT_LOCK(job->element);
    for (GList* item = job->element->pads; item != nullptr && target == nullptr; item = item->next) {
      auto* pad = GST_PAD(item->data);
      if (GST_PAD_DIRECTION(pad) != direction) continue;
      if (job->pad.empty() || job->pad == GST_PAD_NAME(pad)) target = GST_PAD(gst_object_ref(pad));
    }
    GST_OBJECT_UNLOCK(job->element);
    if (target != nullptr) {
      gst_pad_push_event(target, job->event);
      gst_object_unref(target);
    } else {
      gst_event_unref(job->event);
    }
    gst_object_unref(job->element);
  });
}

}  // namespace talk
