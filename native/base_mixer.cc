// Verb `mixer`: a GstAggregator that makes one frame after another, from whatever its pads have for that time. Live, a
// frame leaves at its deadline with what is there; offline it waits for every linked pad. What comes too late is
// dropped and counted.
#include "mixer.h"

#include "types.h"

namespace talk {

namespace {

Mixer* self(gpointer instance) { return static_cast<Mixer*>(Element::of(instance)); }

// What a sink pad knows besides its base class. A cut overtakes the pad's queue, so there are two views of the epoch:
// that of data as it arrives and that of data at the queue's head.
struct PadState {
  Epoch arriving, head;
  std::shared_ptr<const GstVideoInfo> video;  // the mixer's own thread only
  // What comes before this follows a cut and was shown already: it is not late.
  GstClockTime rejoins = 0;
};

GQuark pad_quark() {
  static const GQuark quark = g_quark_from_static_string("talkgraph-mixer-pad");
  return quark;
}

// Made with the pad: whoever feeds it and the mixer's own thread may be the first to ask, at the same time.
void add_state(GstAggregatorPad* pad) {
  g_object_set_qdata_full(G_OBJECT(pad), pad_quark(), new PadState(),
                          [](gpointer data) { delete static_cast<PadState*>(data); });
}

PadState& state_of(gpointer pad) { return *static_cast<PadState*>(g_object_get_qdata(G_OBJECT(pad), pad_quark())); }

// Old data is dropped as it arrives, so that nothing queues up in front of the new.
GstPadProbeReturn drop_old(GstPad* pad, GstPadProbeInfo* info, gpointer) {
  Epoch& epoch = state_of(pad).arriving;
  const bool old = epoch.stale() || epoch.leftover(GST_PAD_PROBE_INFO_BUFFER(info));
  return old ? GST_PAD_PROBE_DROP : GST_PAD_PROBE_OK;
}

}  // namespace

// --- times ---

GstClockTime Mixer::frame_time(guint64 n) const {
  return gst_util_uint64_scale_round(n, static_cast<guint64>(fps_d_) * GST_SECOND, static_cast<guint64>(fps_n_));
}

GstClockTime Mixer::next_time() {
  return fps_n_ > 0 ? frame_time(frame_) : gst_aggregator_simple_get_next_time(GST_AGGREGATOR(gst()));
}

// --- pads ---

// What the pad has for the frame around `middle`. Owned; null with `*missing` set when more should be waited for.
GstBuffer* Mixer::pick(GstAggregatorPad* pad, GstClockTime middle, bool* missing) {
  PadState& state = state_of(pad);
  for (;;) {
    GstBuffer* buffer = gst_aggregator_pad_peek_buffer(pad);
    if (buffer == nullptr) {
      *missing = !gst_aggregator_pad_is_eos(pad);
      return nullptr;
    }
    const GstClockTime start = running_time(pad->segment, GST_BUFFER_PTS(buffer));
    const GstClockTime length =
        GST_BUFFER_DURATION_IS_VALID(buffer) ? GST_BUFFER_DURATION(buffer) : frame_time(1);
    const bool ended = GST_CLOCK_TIME_IS_VALID(start) && start >= state.head.picture_end();
    const bool old = drops_old() && (state.head.stale() || ended);
    if (!old && GST_CLOCK_TIME_IS_VALID(start)) {
      // Later: nothing of this pad belongs into this frame, and that is certain.
      if (start > middle) {
        gst_buffer_unref(buffer);
        return nullptr;
      }
      if (start + length > middle) {
        if (state.head.take_discont()) {
          buffer = gst_buffer_make_writable(buffer);
          GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DISCONT);
        }
        return buffer;
      }
    }
    // Late is what a frame that has left would have shown; the rest was only too short to be seen.
    if (!old && frame_ > 0 && GST_CLOCK_TIME_IS_VALID(start) && start + frame_time(1) <= middle && start >= state.rejoins) {
      late_++;
    }
    gst_aggregator_pad_drop_buffer(pad);
    gst_buffer_unref(buffer);
  }
}

void Mixer::drop_stale() {
  each_pad([](GstAggregatorPad* pad) {
    while (state_of(pad).head.stale() && gst_aggregator_pad_drop_buffer(pad)) {
    }
  });
}

template <typename F>
void Mixer::each_pad(F&& body) {
  std::vector<GstAggregatorPad*> pads;
  GST_OBJECT_LOCK(gst());
  for (GList* item = gst()->sinkpads; item != nullptr; item = item->next) {
    pads.push_back(GST_AGGREGATOR_PAD(gst_object_ref(item->data)));
  }
  GST_OBJECT_UNLOCK(gst());
  for (GstAggregatorPad* pad : pads) {
    body(pad);
    gst_object_unref(pad);
  }
}

// --- one frame ---

GstFlowReturn Mixer::aggregate(bool timeout) {
  if (fps_n_ <= 0) {
    fail({"core", "negotiation", "a mixer needs caps with a framerate on its src pad"});
    return GST_FLOW_NOT_NEGOTIATED;
  }
  auto* aggregator = GST_AGGREGATOR(gst());
  const uint64_t seen = gate.cuts();
  if (drops_old()) drop_stale();
  const GstClockTime pts = frame_time(frame_);
  const GstClockTime duration = frame_time(frame_ + 1) - pts;
  uint32_t flags = 0;
  bool held = false;
  if (spec().hold) {
    GstSegment segment;
    gst_segment_init(&segment, GST_FORMAT_TIME);
    const Gate::Wake wake = hold(aggregator->srcpad, segment, pts, seen);
    if (wake == Gate::Wake::kFlush) return GST_FLOW_FLUSHING;
    if (wake == Gate::Wake::kCut) flags = frame_flag::kStale;
    held = held_live_;
  }

  auto* call = new Call(this, Op::kAggregate);
  call->a = static_cast<double>(pts);
  call->b = static_cast<double>(duration);
  call->c = static_cast<double>(frame_);
  bool wait = false;
  bool alive = false;
  bool mapped = true;
  each_pad([&](GstAggregatorPad* pad) {
    bool missing = false;
    const bool old = state_of(pad).head.stale();
    // The frame that a cut has caught waiting is handed on, marked; `pick` would drop it.
    GstBuffer* buffer = old && flags != 0 ? gst_aggregator_pad_peek_buffer(pad) : pick(pad, pts + duration / 2, &missing);
    alive = alive || !gst_aggregator_pad_is_eos(pad);
    wait = wait || missing;
    if (buffer == nullptr) return;
    View* view = call->add_view(buffer, GST_MAP_READ);
    gst_buffer_unref(buffer);
    if (view == nullptr) {
      mapped = false;
      return;
    }
    view->pad = GST_PAD_NAME(pad);
    view->video = state_of(pad).video;
    view->flags = old ? flags : 0;
  });
  GstFlowReturn flow = GST_FLOW_OK;
  if (!mapped) {
    fail({"stream", "failed", "a buffer could not be mapped"});
    flow = GST_FLOW_ERROR;
  } else if (!alive) {
    flow = GST_FLOW_EOS;
  } else if (wait && !timeout && !held && flags == 0) {
    flow = GST_AGGREGATOR_FLOW_NEED_DATA;
  }
  if (flow != GST_FLOW_OK) {
    call->unref();
    return flow;
  }
  // Consumed now, so that the next ones come while JS works. What lasts into the next frame stays.
  const GstClockTime next = frame_time(frame_ + 1) + duration / 2;
  each_pad([&](GstAggregatorPad* pad) {
    for (const View& view : call->views) {
      if (view.pad != GST_PAD_NAME(pad)) continue;
      const GstClockTime start = running_time(pad->segment, GST_BUFFER_PTS(view.buffer));
      const GstClockTime length =
          GST_BUFFER_DURATION_IS_VALID(view.buffer) ? GST_BUFFER_DURATION(view.buffer) : duration;
      if (start + length <= next) gst_aggregator_pad_drop_buffer(pad);
    }
  });
  return finish(call, pts, duration);
}

GstFlowReturn Mixer::finish(Call* call, GstClockTime pts, GstClockTime duration) {
  auto* aggregator = GST_AGGREGATOR(gst());
  const Outcome outcome = ask(call, true, true);
  GstFlowReturn flow = to_flow(outcome);
  if (outcome == Outcome::kOk) {
    frame_++;
    auto* source = GST_AGGREGATOR_PAD(aggregator->srcpad);
    // Others read it under this lock, to answer how far the stream is.
    GST_OBJECT_LOCK(source);
    source->segment.position = frame_time(frame_);
    GST_OBJECT_UNLOCK(source);
    for (Item& item : call->items) {
      if (item.is_event()) {
        gst_pad_push_event(aggregator->srcpad, item.take_event());
        continue;
      }
      GstBuffer* buffer = item.take_buffer();
      if (!GST_BUFFER_PTS_IS_VALID(buffer)) GST_BUFFER_PTS(buffer) = pts;
      if (!GST_BUFFER_DURATION_IS_VALID(buffer)) GST_BUFFER_DURATION(buffer) = duration;
      flow = gst_aggregator_finish_buffer(aggregator, buffer);
    }
  }
  call->unref();
  return flow;
}

// --- life ---

bool Mixer::before_start() {
  frame_ = 0;
  late_ = 0;
  fps_n_ = 0;
  auto* source = GST_AGGREGATOR_PAD(GST_AGGREGATOR(gst())->srcpad);
  GST_OBJECT_LOCK(source);
  gst_segment_init(&source->segment, GST_FORMAT_TIME);
  GST_OBJECT_UNLOCK(source);
  each_pad([](GstAggregatorPad* pad) {
    state_of(pad).arriving.reset();
    state_of(pad).head.reset();
    state_of(pad).rejoins = 0;
  });
  return true;
}

void Mixer::set_latency(GstClockTime min, GstClockTime max) {
  latency.set_own(GST_CLOCK_TIME_IS_VALID(min) ? min : 0, max);
  gst_aggregator_set_latency(GST_AGGREGATOR(gst()), GST_CLOCK_TIME_IS_VALID(min) ? min : 0, max);
}

void Mixer::set_output_caps(GstCaps* caps) {
  Element::set_output_caps(caps);
  gst_pad_mark_reconfigure(GST_AGGREGATOR(gst())->srcpad);
}

bool Mixer::negotiated(GstCaps* caps) {
  gint num = 0;
  gint den = 1;
  gst_structure_get_fraction(gst_caps_get_structure(caps, 0), "framerate", &num, &den);
  fps_n_ = num;
  fps_d_ = den;
  return setup(GST_AGGREGATOR(gst())->srcpad, caps);
}

GstAggregatorPad* Mixer::new_pad(GstPadTemplate* templ, const gchar* wanted) {
  const std::string name = free_name(wanted != nullptr ? wanted : GST_PAD_TEMPLATE_NAME_TEMPLATE(templ), &serial_);
  if (name.empty()) return nullptr;
  auto* made = GST_AGGREGATOR_PAD(g_object_new(gst_aggregator_pad_get_type(), "name", name.c_str(), "direction",
                                               GST_PAD_SINK, "template", templ, nullptr));
  add_state(made);
  if (drops_old()) gst_pad_add_probe(GST_PAD(made), GST_PAD_PROBE_TYPE_BUFFER, drop_old, nullptr, nullptr);
  return made;
}

// Out of band and before the queue: on the thread of whoever sends.
bool Mixer::arrived(GstAggregatorPad* pad, GstEvent* event) {
  PadState& state = state_of(pad);
  const GstStructure* structure = gst_event_get_structure(event);
  if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP) {
    state.arriving.flushed();
    state.head.flushed();
  }
  if (structure == nullptr) return false;
  if (gst_structure_has_name(structure, kEpochEvent)) state.arriving.begin(structure);
  if (gst_structure_has_name(structure, kReplayEpochEvent)) state.arriving.replayed(structure);
  if (gst_structure_has_name(structure, kCutEvent)) state.arriving.cut(structure);
  return !GST_EVENT_IS_SERIALIZED(event) && on_sink_event(GST_PAD(pad), event, state.head, false);
}

// At its place among the data: on the mixer's own thread.
bool Mixer::reached(GstAggregatorPad* pad, GstEvent* event) {
  if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
    GstCaps* caps = nullptr;
    gst_event_parse_caps(event, &caps);
    const bool done = setup(GST_PAD(pad), caps);
    state_of(pad).video = video();
    if (!done) gst_event_unref(event);
    return !done;
  }
  const GstStructure* structure = gst_event_get_structure(event);
  if (structure != nullptr && fps_n_ > 0 &&
      (gst_structure_has_name(structure, kEpochEvent) || gst_structure_has_name(structure, kReplayEpochEvent))) {
    state_of(pad).rejoins = frame_time(frame_);
  }
  return GST_EVENT_IS_SERIALIZED(event) && on_sink_event(GST_PAD(pad), event, state_of(pad).head, true);
}

// --- the class ---

namespace {

GstFlowReturn update_caps(GstAggregator* aggregator, GstCaps* allowed, GstCaps** result) {
  GstCaps* wanted = self(aggregator)->output_caps();
  if (wanted == nullptr) {
    *result = gst_caps_ref(allowed);
    return GST_FLOW_OK;
  }
  *result = gst_caps_intersect_full(wanted, allowed, GST_CAPS_INTERSECT_FIRST);
  const bool none = gst_caps_is_empty(*result);
  // Upstream is told by its next push, which there may not be: it has ended, and the pipeline would wait for ever.
  if (none) self(aggregator)->refused(wanted, allowed);
  gst_caps_unref(wanted);
  return none ? GST_FLOW_NOT_NEGOTIATED : GST_FLOW_OK;
}

// Speech drives everything at 25 frames a second unless somebody says otherwise.
GstCaps* fixate(GstAggregator*, GstCaps* caps) {
  caps = gst_caps_make_writable(caps);
  GstStructure* structure = gst_caps_get_structure(caps, 0);
  if (gst_structure_has_field(structure, "framerate")) {
    gst_structure_fixate_field_nearest_fraction(structure, "framerate", 25, 1);
  }
  return gst_caps_fixate(caps);
}

GstPadProbeReturn watch_flush(GstPad* pad, GstPadProbeInfo* info, gpointer) {
  GstEvent* event = GST_PAD_PROBE_INFO_EVENT(info);
  auto* element = GST_ELEMENT(GST_OBJECT_PARENT(pad));
  if (element == nullptr) return GST_PAD_PROBE_OK;
  if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_START) {
    self(element)->set_flushing(true);
    self(element)->tell(Op::kAbort);
  }
  if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP) self(element)->set_flushing(false);
  return GST_PAD_PROBE_OK;
}

void wire(gpointer klass, const TypeSpec&) {
  auto* base = static_cast<GstAggregatorClass*>(klass);
  base->aggregate = [](GstAggregator* agg, gboolean timeout) { return self(agg)->aggregate(timeout); };
  base->get_next_time = [](GstAggregator* agg) { return self(agg)->next_time(); };
  base->create_new_pad = [](GstAggregator* agg, GstPadTemplate* templ, const gchar* name, const GstCaps*) {
    return self(agg)->new_pad(templ, name);
  };
  base->update_src_caps = update_caps;
  base->fixate_src_caps = fixate;
  base->negotiated_src_caps = [](GstAggregator* agg, GstCaps* caps) -> gboolean {
    return self(agg)->negotiated(caps);
  };
  base->sink_event_pre_queue = [](GstAggregator* agg, GstAggregatorPad* pad, GstEvent* event) {
    if (self(agg)->arrived(pad, event)) return GST_FLOW_OK;
    return parent_class<GstAggregatorClass>(agg)->sink_event_pre_queue(agg, pad, event);
  };
  base->sink_event = [](GstAggregator* agg, GstAggregatorPad* pad, GstEvent* event) -> gboolean {
    if (self(agg)->reached(pad, event)) return FALSE;
    return parent_class<GstAggregatorClass>(agg)->sink_event(agg, pad, event);
  };
  base->src_event = [](GstAggregator* agg, GstEvent* event) -> gboolean {
    self(agg)->on_src_event(agg->srcpad, event);
    return parent_class<GstAggregatorClass>(agg)->src_event(agg, event);
  };
}

}  // namespace

const Base& mixer_base() {
  static const Base base = {
      gst_aggregator_get_type,
      wire,
      [](GstElement* gst, const TypeSpec& spec) -> Element* { return new Mixer(gst, spec); },
      [](Element* element) {
        auto* aggregator = GST_AGGREGATOR(element->gst());
        gst_aggregator_set_ignore_inactive_pads(aggregator, TRUE);
        gst_pad_add_probe(aggregator->srcpad,
                          static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM |
                                                       GST_PAD_PROBE_TYPE_EVENT_FLUSH),
                          watch_flush, nullptr, nullptr);
      },
  };
  return base;
}

}  // namespace talk
