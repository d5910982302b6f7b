// Verb `transform`: a GstBaseTransform, in place or from one buffer into another.
#include <gst/base/gstbasetransform.h>

#include "audiogate.h"
#include "element.h"
#include "frames.h"
#include "types.h"

namespace talk {

namespace {

class Transform final : public Element {
 public:
  using Element::Element;

  // Lets a buffer in: old data is dropped here. True when it goes on.
  bool enter(GstBuffer** buffer) {
    seen_ = gate.cuts();
    fading_ = false;
    if (!spec().manual_epoch && epoch.stale()) {
      const bool untold = spec().hold_chunk > 0 && told_ != epoch.wanted();
      // The cut came between two buffers: no piece was waiting that could fade, so the first of this one does. What a cut
      // before it has faded is silent already.
      const bool ended = told_ > epoch.have();
      fading_ = untold && !ended && pieces_.joins(*buffer);
      if (fading_) return true;
      if (untold) tell_cut(pieces_.position(), 0);
      gst_buffer_unref(*buffer);
      return false;
    }
    if (!spec().manual_epoch && epoch.leftover(*buffer)) {
      gst_buffer_unref(*buffer);
      return false;
    }
    const bool jumps = epoch.take_discont();
    if (spec().hold_chunk > 0) {
      *buffer = pieces_.smooth(*buffer);
    } else if (jumps) {
      *buffer = gst_buffer_make_writable(*buffer);
      GST_BUFFER_FLAG_SET(*buffer, GST_BUFFER_FLAG_DISCONT);
    }
    return true;
  }

  // Lets a buffer out in pieces. They are pushed from here: the base class would mark the first one behind what was
  // dropped as a jump, and there is none.
  GstFlowReturn push_pieces(GstBuffer* buffer) {
    auto* base = GST_BASE_TRANSFORM(gst());
    bool live = false;
    latency.following(base->srcpad, &live);
    pieces_.begin(buffer);
    while (GstBuffer* piece = pieces_.next(live, epoch.sound_end(), epoch.fade_end())) {
      const Gate::Wake wake = hold(base->srcpad, base->segment, GST_BUFFER_PTS(piece), seen_);
      GstFlowReturn flow = wake == Gate::Wake::kFlush ? GST_FLOW_FLUSHING : GST_FLOW_OK;
      const bool replayed = GST_CLOCK_TIME_IS_VALID(epoch.sound_end()) && GST_BUFFER_PTS(piece) >= epoch.sound_end();
      const bool stale = wake == Gate::Wake::kCut || replayed || fading_;
      if (stale) {
        if (!replayed) tell_cut(GST_BUFFER_PTS(piece), GST_BUFFER_DURATION(piece));
        pieces_.drop();
        flow = ask_about(piece, nullptr, frame_flag::kStale);
      } else if (attends.load(std::memory_order_acquire) && flow == GST_FLOW_OK) {
        flow = ask_about(piece, nullptr, 0);
      }
      if (flow == GST_FLOW_OK) {
        pieces_.left(piece);
        flow = gst_pad_push(base->srcpad, piece);
      } else {
        gst_buffer_unref(piece);
      }
      if (flow != GST_FLOW_OK) {
        pieces_.drop();
        return flow == GST_BASE_TRANSFORM_FLOW_DROPPED ? GST_FLOW_OK : flow;
      }
    }
    return GST_FLOW_OK;
  }

  void restart() { pieces_.reset(); }

  bool setup(GstPad* pad, GstCaps* caps) override {
    if (spec().hold_chunk > 0 && !pieces_.setup(caps, spec().hold_chunk)) return false;
    return Element::setup(pad, caps);
  }

  GstFlowReturn process(GstBuffer* in, GstBuffer* out) {
    auto* base = GST_BASE_TRANSFORM(gst());
    uint32_t flags = 0;
    if (spec().hold) {
      const Gate::Wake wake = hold(base->srcpad, base->segment, GST_BUFFER_PTS(in), seen_);
      if (wake == Gate::Wake::kFlush) return GST_FLOW_FLUSHING;
      if (wake == Gate::Wake::kCut) flags |= frame_flag::kStale;
    }
    return ask_about(in, out, flags);
  }

  GstFlowReturn ask_about(GstBuffer* in, GstBuffer* out, uint32_t flags) {
    auto* call = new Call(this, Op::kTransform);
    call->epoch = drops_old() && !spec().hold ? &epoch : nullptr;
    View* view = call->add_view(in, out != nullptr ? GST_MAP_READ : GST_MAP_READWRITE);
    const bool mapped = view != nullptr && (out == nullptr || call->add_view(out, GST_MAP_WRITE) != nullptr);
    if (!mapped) {
      call->unref();
      fail({"stream", "failed", "a buffer could not be mapped"});
      return GST_FLOW_ERROR;
    }
    call->views.front().flags = flags;
    call->views.front().video = video();
    const Outcome outcome = ask(call, true, true);
    if (outcome == Outcome::kOk || outcome == Outcome::kDrop) push(call);
    if (outcome == Outcome::kOk && out != nullptr && call->number >= 0) {
      gst_buffer_set_size(out, static_cast<gssize>(call->number));
    }
    call->unref();
    return outcome == Outcome::kDrop ? GST_BASE_TRANSFORM_FLOW_DROPPED : to_flow(outcome);
  }

  // What the author emitted besides: before the buffer itself.
  void push(Call* call) {
    GstPad* src = GST_BASE_TRANSFORM_SRC_PAD(gst());
    for (Item& item : call->items) {
      if (item.is_event()) {
        gst_pad_push_event(src, item.take_event());
      } else {
        gst_pad_push(src, item.take_buffer());
      }
    }
    call->items.clear();
  }

  void drain() {
    if (!has(kHasDrain)) return;
    auto* call = new Call(this, Op::kDrain);
    if (ask(call, true, true) == Outcome::kOk) push(call);
    call->unref();
  }

 private:
  void after_stop() override {
    restart();
    attends.store(false, std::memory_order_release);
  }
  bool before_start() override {
    told_ = 0;
    return true;
  }

  // Upstream, so that the source can note what the listener really heard of the old sound.
  void tell_cut(GstClockTime end, GstClockTime fade) {
    told_ = epoch.wanted();
    const gint64 at = GST_CLOCK_TIME_IS_VALID(end) ? static_cast<gint64>(end) : 0;
    GstStructure* cut = gst_structure_new(kGateEvent, "cut", G_TYPE_INT64, told_, "sound", G_TYPE_INT64, at, "faded",
                                          G_TYPE_INT64, at + static_cast<gint64>(fade), nullptr);
    gst_pad_push_event(GST_BASE_TRANSFORM_SINK_PAD(gst()), gst_event_new_custom(GST_EVENT_CUSTOM_UPSTREAM, cut));
  }

  // Streaming thread only.
  uint64_t seen_ = 0;
  bool fading_ = false;  // of the buffer at hand only the first piece goes on, and fades
  gint64 told_ = 0;  // the last cut that upstream was told of
  AudioPieces pieces_;
};

Transform* self(gpointer instance) { return static_cast<Transform*>(Element::of(instance)); }

// Bytes of one unit: a sample of all channels, a picture, or what the declaration says.
gsize unit_size(const TypeSpec& spec, GstPadDirection direction, GstCaps* caps) {
  const GstStructure* structure = gst_caps_get_structure(caps, 0);
  GstVideoInfo video;
  const guint declared = direction == GST_PAD_SINK ? spec.unit_in : spec.unit_out;
  if (declared > 0) return declared;
  if (const gsize bytes = audio_frame_bytes(caps, nullptr)) return bytes;
  if (gst_structure_has_name(structure, "video/x-raw") && gst_video_info_from_caps(&video, caps)) {
    return GST_VIDEO_INFO_SIZE(&video);
  }
  return 1;
}

// The other pad's template, with the fields that pass unchanged taken from `caps`.
GstCaps* other_caps(GstBaseTransform* base, GstPadDirection direction, GstCaps* caps, GstCaps* filter) {
  GstPad* other = direction == GST_PAD_SINK ? base->srcpad : base->sinkpad;
  GstCaps* allowed = gst_pad_get_pad_template_caps(other);
  GstCaps* result = gst_caps_new_empty();
  for (guint i = 0; i < gst_caps_get_size(caps); i++) {
    const GstStructure* from = gst_caps_get_structure(caps, i);
    for (guint j = 0; j < gst_caps_get_size(allowed); j++) {
      GstCaps* one = gst_caps_copy_nth(allowed, j);
      GstCaps* kept = gst_caps_new_empty_simple(gst_structure_get_name(gst_caps_get_structure(one, 0)));
      gst_caps_set_features(kept, 0, gst_caps_features_copy(gst_caps_get_features(one, 0)));
      for (const std::string& field : Element::of(base)->spec().keep) {
        const GValue* value = gst_structure_get_value(from, field.c_str());
        if (value != nullptr) gst_caps_set_value(kept, field.c_str(), value);
      }
      GstCaps* both = gst_caps_intersect(one, kept);
      gst_caps_unref(one);
      gst_caps_unref(kept);
      result = gst_caps_merge(result, both);
    }
  }
  // ANY has no structures to go through.
  if (gst_caps_is_any(caps) || gst_caps_is_any(allowed)) gst_caps_replace(&result, allowed);
  gst_caps_unref(allowed);
  if (GstCaps* wanted = direction == GST_PAD_SINK ? Element::of(base)->output_caps() : nullptr) {
    GstCaps* both = gst_caps_intersect_full(wanted, result, GST_CAPS_INTERSECT_FIRST);
    gst_caps_unref(wanted);
    gst_caps_unref(result);
    result = both;
  }
  if (filter != nullptr) {
    GstCaps* both = gst_caps_intersect_full(filter, result, GST_CAPS_INTERSECT_FIRST);
    gst_caps_unref(result);
    result = both;
  }
  return result;
}

void wire(gpointer klass) {
  auto* base = static_cast<GstBaseTransformClass*>(klass);
  base->submit_input_buffer = [](GstBaseTransform* trans, gboolean discont, GstBuffer* buffer) {
    Transform* element = self(trans);
    const bool pieces = element->spec().hold_chunk > 0;
    if (!element->enter(&buffer)) return pieces ? GST_FLOW_OK : GST_BASE_TRANSFORM_FLOW_DROPPED;
    if (pieces) return element->push_pieces(buffer);
    return parent_class<GstBaseTransformClass>(trans)->submit_input_buffer(trans, discont, buffer);
  };
  base->set_caps = [](GstBaseTransform* trans, GstCaps* in, GstCaps* out) -> gboolean {
    Element* element = Element::of(trans);
    return element->setup(trans->sinkpad, in) && (element->spec().in_place || element->setup(trans->srcpad, out));
  };
  base->sink_event = [](GstBaseTransform* trans, GstEvent* event) -> gboolean {
    Transform* element = self(trans);
    if (element->on_sink_event(trans->sinkpad, event, element->epoch, true)) return TRUE;
    if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_START) {
      element->set_flushing(true);
      element->tell(Op::kAbort);
    }
    if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP) {
      element->restart();
      element->set_flushing(false);
    }
    if (GST_EVENT_TYPE(event) == GST_EVENT_EOS) element->drain();
    return parent_class<GstBaseTransformClass>(trans)->sink_event(trans, event);
  };
  base->src_event = [](GstBaseTransform* trans, GstEvent* event) -> gboolean {
    Element::of(trans)->on_src_event(trans->srcpad, event);
    return parent_class<GstBaseTransformClass>(trans)->src_event(trans, event);
  };
  base->query = [](GstBaseTransform* trans, GstPadDirection direction, GstQuery* query) -> gboolean {
    if (GST_QUERY_TYPE(query) == GST_QUERY_LATENCY && direction == GST_PAD_SRC) {
      return Element::of(trans)->latency.answer(trans->sinkpad, query);
    }
    return parent_class<GstBaseTransformClass>(trans)->query(trans, direction, query);
  };
}

void wire_in_place(gpointer klass) {
  static_cast<GstBaseTransformClass*>(klass)->transform_ip = [](GstBaseTransform* trans, GstBuffer* buffer) {
    return self(trans)->process(buffer, nullptr);
  };
}

void wire_copying(gpointer klass) {
  auto* base = static_cast<GstBaseTransformClass*>(klass);
  base->transform = [](GstBaseTransform* trans, GstBuffer* in, GstBuffer* out) {
    return self(trans)->process(in, out);
  };
  base->transform_caps = other_caps;
  base->transform_size = [](GstBaseTransform* trans, GstPadDirection direction, GstCaps* caps, gsize size,
                            GstCaps* other, gsize* other_size) -> gboolean {
    const TypeSpec& spec = Element::of(trans)->spec();
    const gsize from = unit_size(spec, direction, caps);
    const gsize to = unit_size(spec, direction == GST_PAD_SINK ? GST_PAD_SRC : GST_PAD_SINK, other);
    *other_size = size / from * to;
    return TRUE;
  };
}

}  // namespace

const Base& transform_base() {
  static const Base base = {
      gst_base_transform_get_type,
      [](gpointer klass, const TypeSpec& spec) {
        wire(klass);
        if (spec.in_place) {
          wire_in_place(klass);
        } else {
          wire_copying(klass);
        }
      },
      [](GstElement* gst, const TypeSpec& spec) -> Element* { return new Transform(gst, spec); },
      [](Element* element) {
        auto* trans = GST_BASE_TRANSFORM(element->gst());
        gst_base_transform_set_in_place(trans, element->spec().in_place);
        // Without this the base class takes the GAP flag away.
        gst_base_transform_set_gap_aware(trans, TRUE);
      },
  };
  return base;
}

}  // namespace talk
