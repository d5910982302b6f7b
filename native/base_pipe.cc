#include "pipe.h"
#include "types.h"

namespace talk {

namespace {

Pipe* self(gpointer instance) { return static_cast<Pipe*>(Element::of(instance)); }

template <typename Queue>
void drop_buffers(Queue& queue) {
  Queue events;
  for (Item& item : queue) {
    if (!GST_IS_BUFFER(item.object)) events.push_back(std::move(item));
  }
  queue.swap(events);
}

}  // namespace

void Pipe::add_pads() {
  auto* klass = GST_ELEMENT_GET_CLASS(gst());
  sink_ = gst_pad_new_from_template(gst_element_class_get_pad_template(klass, "sink"), "sink");
  src_ = gst_pad_new_from_template(gst_element_class_get_pad_template(klass, "src"), "src");
  gst_pad_set_chain_function(sink_, [](GstPad*, GstObject* parent, GstBuffer* buffer) {
    return self(parent)->chain(buffer);
  });
  gst_pad_set_event_full_function(sink_, [](GstPad*, GstObject* parent, GstEvent* event) {
    return self(parent)->sink_event(event);
  });
  gst_pad_set_event_function(src_, [](GstPad* pad, GstObject* parent, GstEvent* event) -> gboolean {
    self(parent)->on_src_event(pad, event);
    return gst_pad_event_default(pad, parent, event);
  });
  gst_pad_set_query_function(src_, [](GstPad* pad, GstObject* parent, GstQuery* query) -> gboolean {
    if (GST_QUERY_TYPE(query) == GST_QUERY_LATENCY) return self(parent)->latency.answer(self(parent)->sink_, query);
    return gst_pad_query_default(pad, parent, query);
  });
  gst_pad_set_activatemode_function(src_, [](GstPad*, GstObject* parent, GstPadMode mode, gboolean active) {
    return mode == GST_PAD_MODE_PUSH ? self(parent)->activate_src(active) : gboolean(FALSE);
  });
  gst_element_add_pad(gst(), sink_);
  gst_element_add_pad(gst(), src_);
}

// --- sink side ---

GstFlowReturn Pipe::chain(GstBuffer* buffer) {
  Item item(buffer);
  std::unique_lock<std::mutex> lock(mutex_);
  const auto unwanted = [&] { return drops_old() && epoch.stale(); };
  while (!flushing_ && flow_ == GST_FLOW_OK && !unwanted() && in_buffers_ >= spec().queue_in && !env()->closed() &&
         !failed()) {
    cond_.wait(lock);
  }
  if (flushing_ || env()->closed()) return GST_FLOW_FLUSHING;
  if (failed()) return GST_FLOW_ERROR;
  if (flow_ != GST_FLOW_OK) return flow_;
  if (unwanted() || (drops_old() && epoch.leftover(buffer))) return GST_FLOW_OK;
  if (epoch.take_discont()) {
    buffer = gst_buffer_make_writable(item.take_buffer());
    GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DISCONT);
    item = Item(buffer);
  }
  in_.push_back(std::move(item));
  in_buffers_++;
  notify_ready();
  return GST_FLOW_OK;
}

void Pipe::notify_ready() {
  if (!armed_) return;
  armed_ = false;
  tell(Op::kReady);
}

// A flow and not a bool: a sticky event refused for no reason given is an error of the next push of the source upstream,
// and being stopped is none.
GstFlowReturn Pipe::sink_event(GstEvent* event) {
  const auto flow = [](gboolean sent) { return sent ? GST_FLOW_OK : GST_FLOW_ERROR; };
  if (on_sink_event(sink_, event, epoch, false)) return GST_FLOW_OK;
  switch (GST_EVENT_TYPE(event)) {
    case GST_EVENT_FLUSH_START: {
      set_flushing(true);
      tell(Op::kAbort);
      const gboolean sent = gst_pad_push_event(src_, event);
      gst_pad_pause_task(src_);
      return flow(sent);
    }
    case GST_EVENT_FLUSH_STOP: {
      const gboolean sent = gst_pad_push_event(src_, event);
      restart(true);
      set_flushing(false);
      activate_src(true);
      return flow(sent);
    }
    default:
      break;
  }
  if (!GST_EVENT_IS_SERIALIZED(event)) return flow(gst_pad_push_event(src_, event));
  Item item(event);
  std::lock_guard<std::mutex> lock(mutex_);
  if (flushing_) return GST_FLOW_FLUSHING;
  in_.push_back(std::move(item));
  notify_ready();
  return GST_FLOW_OK;
}

// --- JS side ---

Pipe::Taken Pipe::take(uint32_t generation, GstMiniObject** object, uint32_t* token) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (generation != generation_) return Taken::kStale;
  while (!in_.empty()) {
    Item item = std::move(in_.front());
    in_.pop_front();
    if (GST_IS_BUFFER(item.object)) {
      in_buffers_--;
      cond_.notify_all();
      *object = std::exchange(item.object, nullptr);
      return Taken::kFrame;
    }
    auto* event = GST_EVENT_CAST(item.object);
    const GstStructure* structure = gst_event_get_structure(event);
    switch (GST_EVENT_TYPE(event)) {
      case GST_EVENT_EOS:
        return Taken::kEnd;  // sent on when JS has finished
      case GST_EVENT_CAPS:
        *object = std::exchange(item.object, nullptr);
        return Taken::kCaps;
      case GST_EVENT_CUSTOM_DOWNSTREAM:
      case GST_EVENT_CUSTOM_DOWNSTREAM_STICKY:
        // An epoch needs no author: forwarded at its place, before anything of the new epoch.
        if (g_str_has_prefix(gst_structure_get_name(structure), "talkgraph/") &&
            (!gst_structure_has_name(structure, kEpochEvent) || spec().manual_epoch)) {
          *token = ++last_token_;
          handed_.push_back({*token, event});
          *object = gst_mini_object_ref(item.object);
          std::exchange(item.object, nullptr);
          return Taken::kEvent;
        }
        [[fallthrough]];
      default:
        give(std::move(item));
    }
  }
  armed_ = true;
  return Taken::kNothing;
}

bool Pipe::give(Item&& item) {
  if (flushing_ || flow_ != GST_FLOW_OK) return true;
  if (GST_IS_BUFFER(item.object)) out_buffers_++;
  out_.push_back(std::move(item));
  cond_.notify_all();
  if (out_buffers_ < spec().queue_out) return true;
  room_wanted_ = true;
  return false;
}

bool Pipe::emit(Item&& item, uint32_t generation) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (generation != generation_) return true;
  if (item.object == nullptr) {
    // What was taken and not yielded still belongs downstream.
    for (const Handed& handed : handed_) give(Item(handed.event));
    handed_.clear();
    return give(Item(gst_event_new_eos()));
  }
  return give(std::move(item));
}

bool Pipe::forward(uint32_t token) {
  std::lock_guard<std::mutex> lock(mutex_);
  for (auto handed = handed_.begin(); handed != handed_.end(); ++handed) {
    if (handed->token != token) continue;
    give(Item(handed->event));
    handed_.erase(handed);
    return true;
  }
  return false;
}

void Pipe::set_output_caps(GstCaps* caps) {
  Element::set_output_caps(caps);
  std::lock_guard<std::mutex> lock(mutex_);
  if (caps != nullptr) give(Item(GST_MINI_OBJECT_CAST(gst_caps_ref(caps))));
}

void Pipe::send(GstEvent* event, const std::string& pad) {
  if (!GST_EVENT_IS_DOWNSTREAM(event) || !GST_EVENT_IS_SERIALIZED(event)) {
    Element::send(event, pad);
    return;
  }
  std::lock_guard<std::mutex> lock(mutex_);
  give(Item(event));
}

// --- src side ---

void Pipe::loop() {
  Item item;
  bool room = false;
  {
    std::unique_lock<std::mutex> lock(mutex_);
    while (out_.empty() && !flushing_ && !env()->closed()) cond_.wait(lock);
    if (flushing_ || env()->closed()) {
      gst_pad_pause_task(src_);
      return;
    }
    item = std::move(out_.front());
    out_.pop_front();
    if (GST_IS_BUFFER(item.object)) {
      out_buffers_--;
      if (discont_) {
        GstBuffer* buffer = gst_buffer_make_writable(item.take_buffer());
        GST_BUFFER_FLAG_SET(buffer, GST_BUFFER_FLAG_DISCONT);
        item = Item(buffer);
        discont_ = false;
      }
    }
    room = room_wanted_ && out_buffers_ < spec().queue_out;
    if (room) room_wanted_ = false;
  }
  if (room) tell(Op::kSpace);
  GstFlowReturn flow = GST_FLOW_OK;
  if (GST_IS_BUFFER(item.object)) {
    flow = gst_pad_push(src_, item.take_buffer());
  } else if (GST_IS_CAPS(item.object)) {
    if (!push_caps(GST_CAPS_CAST(item.object))) flow = GST_FLOW_NOT_NEGOTIATED;
  } else {
    const bool end = GST_EVENT_TYPE(item.object) == GST_EVENT_EOS;
    gst_pad_push_event(src_, item.take_event());
    if (end) flow = GST_FLOW_EOS;
  }
  if (flow == GST_FLOW_OK) return;
  std::lock_guard<std::mutex> lock(mutex_);
  if (flow_ == GST_FLOW_OK) flow_ = flow;
  out_.clear();
  out_buffers_ = 0;
  cond_.notify_all();
  gst_pad_pause_task(src_);
}

bool Pipe::push_caps(GstCaps* wanted) {
  GstCaps* allowed = gst_pad_get_pad_template_caps(src_);
  GstCaps* peer = gst_pad_peer_query_caps(src_, wanted);
  GstCaps* both = gst_caps_intersect_full(wanted, allowed, GST_CAPS_INTERSECT_FIRST);
  GstCaps* caps = gst_caps_intersect_full(both, peer, GST_CAPS_INTERSECT_FIRST);
  bool done = false;
  if (!gst_caps_is_empty(caps)) {
    caps = gst_caps_fixate(gst_caps_truncate(caps));
    done = gst_pad_push_event(src_, gst_event_new_caps(caps));
  }
  if (!done && !flushing()) refused(wanted, peer);
  for (GstCaps* one : {allowed, peer, both, caps}) gst_caps_unref(one);
  return done;
}

gboolean Pipe::activate_src(bool active) {
  if (!active) {
    unblock();
    return gst_pad_stop_task(src_);
  }
  uint32_t generation;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    flow_ = GST_FLOW_OK;
    generation = generation_;
  }
  tell(Op::kRun, {}, generation);
  return gst_pad_start_task(
      src_, [](gpointer data) { static_cast<Pipe*>(data)->loop(); }, this, nullptr);
}

// --- beginning afresh ---

void Pipe::restart(bool drop_events) {
  std::lock_guard<std::mutex> lock(mutex_);
  generation_++;
  armed_ = false;
  if (drop_events) {
    in_.clear();
    out_.clear();
    for (const Handed& handed : handed_) gst_event_unref(handed.event);
  } else {
    drop_buffers(in_);
    drop_buffers(out_);
    // Events JS had taken and not given on yet: they stood before everything that is still in the in queue.
    for (const Handed& handed : handed_) out_.push_back(Item(handed.event));
  }
  handed_.clear();
  in_buffers_ = out_buffers_ = 0;
  room_wanted_ = false;
  cond_.notify_all();
}

void Pipe::levels(guint* in, guint* out) {
  const std::lock_guard<std::mutex> lock(mutex_);
  *in = in_buffers_;
  *out = out_buffers_;
}

void Pipe::invalidate() {
  restart(false);
  std::lock_guard<std::mutex> lock(mutex_);
  discont_ = true;
}

void Pipe::restarted() {
  uint32_t generation;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    generation = generation_;
  }
  tell(Op::kRun, {}, generation);
}

bool Pipe::before_start() {
  restart(true);
  return true;
}

void Pipe::unblock() {
  std::lock_guard<std::mutex> lock(mutex_);
  generation_++;
  cond_.notify_all();
}

void Pipe::after_stop() { restart(true); }

const Base& pipe_base() {
  static const Base base = {
      gst_element_get_type,
      [](gpointer, const TypeSpec&) {},
      [](GstElement* gst, const TypeSpec& spec) -> Element* { return new Pipe(gst, spec); },
      [](Element* element) { static_cast<Pipe*>(element)->add_pads(); },
  };
  return base;
}

}  // namespace talk
