// What a stop does to those it would have to wait for.
#include <vector>

#include "element.h"
#include "pipeline.h"

namespace talk {

namespace {

// How long a stop waits for a seek or an edit that is under way to finish by itself. It may hold the state lock that
// the stop needs, and wait for a stream that stands still.
constexpr int kPatienceMs = 20;

// Makes every streaming thread of a pipeline that goes down anyway leave where it waits. Pads are told directly:
// whoever is stuck in the pipeline's or an element's send_event() holds its state lock.
void flush_pads(const GValue* item, gpointer) {
  auto* element = static_cast<GstElement*>(g_value_get_object(item));
  std::vector<Strong<GstPad>> pads;
  GST_OBJECT_LOCK(element);
  GList* from = element->sinkpads != nullptr ? element->sinkpads : element->srcpads;
  for (GList* at = from; at != nullptr; at = at->next) pads.emplace_back(GST_PAD(gst_object_ref(at->data)));
  GST_OBJECT_UNLOCK(element);
  for (const Strong<GstPad>& pad : pads) gst_pad_send_event(pad.get(), gst_event_new_flush_start());
}

template <bool may>
void may_start(const GValue* item, gpointer) {
  if (Element* element = Element::of_any(g_value_get_object(item))) element->may_start(may);
}

template <typename Each>
void for_all(GstElement* pipeline, Each each) {
  GstIterator* elements = gst_bin_iterate_recurse(GST_BIN(pipeline));
  while (gst_iterator_foreach(elements, each, nullptr) == GST_ITERATOR_RESYNC) gst_iterator_resync(elements);
  gst_iterator_free(elements);
}

}  // namespace

// Wakes who waits for JS or for data, and whom a `start` that is under way holds up: the stop stands in line behind it.
void Pipeline::begin_stop() {
  const std::lock_guard<std::mutex> lock(stop_mutex_);
  stops_++;
  stops_begun_++;
  wake();
  if (GST_IS_BIN(gst_)) for_all(gst_, may_start<false>);
}

// It has been done. What was asked for after it may start.
void Pipeline::end_stop() {
  const std::lock_guard<std::mutex> lock(stop_mutex_);
  if (--stops_ == 0 && GST_IS_BIN(gst_)) for_all(gst_, may_start<true>);
}

void Pipeline::unstick(GstElement* gst) {
  if (!lanes_->idle(Lane::kEvent, kPatienceMs)) for_all(gst, flush_pads);
}

}  // namespace talk
