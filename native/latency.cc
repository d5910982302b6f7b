#include "latency.h"

#include <algorithm>

namespace talk {

namespace {

// The last element of the branch that begins at `src`: through bins, along the first linked src pad. Reffed.
GstElement* sink_of_branch(GstPad* src) {
  GstPad* pad = GST_PAD(gst_object_ref(src));
  // A graph has no loops, but a bound costs nothing.
  for (int hops = 0; hops < 256; hops++) {
    GstPad* peer = gst_pad_get_peer(pad);
    gst_object_unref(pad);
    // Into bins (ghost sink pad) and out of them (the peer is the inside of a ghost src pad).
    while (peer != nullptr && GST_IS_PROXY_PAD(peer)) {
      GstPad* next = nullptr;
      if (GST_IS_GHOST_PAD(peer)) {
        next = gst_ghost_pad_get_target(GST_GHOST_PAD(peer));
      } else if (GstProxyPad* ghost = gst_proxy_pad_get_internal(GST_PROXY_PAD(peer))) {
        next = gst_pad_get_peer(GST_PAD(ghost));
        gst_object_unref(ghost);
      }
      gst_object_unref(peer);
      peer = next;
    }
    if (peer == nullptr) return nullptr;
    GstElement* element = gst_pad_get_parent_element(peer);
    gst_object_unref(peer);
    if (element == nullptr) return nullptr;
    pad = nullptr;
    GST_OBJECT_LOCK(element);
    for (GList* item = element->srcpads; item != nullptr && pad == nullptr; item = item->next) {
      if (GST_PAD_PEER(item->data) != nullptr) pad = GST_PAD(gst_object_ref(item->data));
    }
    GST_OBJECT_UNLOCK(element);
    if (pad == nullptr) return element;
    gst_object_unref(element);
  }
  gst_object_unref(pad);
  return nullptr;
}

bool ask(gpointer whom, bool is_pad, bool* live, GstClockTime* min) {
  GstQuery* query = gst_query_new_latency();
  const bool answered = is_pad ? gst_pad_query(GST_PAD(whom), query) : gst_element_query(GST_ELEMENT(whom), query);
  gboolean is_live = FALSE;
  if (answered) gst_query_parse_latency(query, &is_live, min, nullptr);
  gst_query_unref(query);
  *live = is_live;
  return answered;
}

}  // namespace

void Latency::set_own(GstClockTime min, GstClockTime max) {
  own_min_ = min;
  own_max_ = max;
}

bool Latency::answer(GstPad* sink, GstQuery* query) const {
  if (!gst_pad_peer_query(sink, query)) return false;
  gboolean live = FALSE;
  GstClockTime min = 0;
  GstClockTime max = 0;
  gst_query_parse_latency(query, &live, &min, &max);
  min += own_min();
  if (GST_CLOCK_TIME_IS_VALID(max)) max = GST_CLOCK_TIME_IS_VALID(own_max()) ? max + own_max() : GST_CLOCK_TIME_NONE;
  gst_query_set_latency(query, live, min, max);
  return true;
}

void Latency::on_event(GstEvent* event) {
  GstClockTime latency = 0;
  gst_event_parse_latency(event, &latency);
  pipeline_ = GST_CLOCK_TIME_IS_VALID(latency) ? latency : 0;
  known_ = false;
}

GstClockTime Latency::following(GstPad* src, bool* live) {
  if (!known_.exchange(true)) {
    bool branch_live = false;
    GstClockTime own = 0;
    GstClockTime branch = 0;
    following_ = 0;
    ask(src, true, &live_, &own);
    if (GstElement* sink = sink_of_branch(src)) {
      if (ask(sink, false, &branch_live, &branch) && branch > own) following_ = branch - own;
      gst_object_unref(sink);
    }
  }
  *live = live_;
  return following_;
}

}  // namespace talk
