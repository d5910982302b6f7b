// Verb `source`: a GstBaseSrc whose frames come from JS, asked for (`create`) or given (`push`). A frame may carry
// the running time before which it must not leave; until then it can be taken back (`revise`).
#include <gst/base/gstbasesrc.h>

#include <algorithm>
#include <deque>

#include "element.h"
#include "frames.h"
#include "source.h"
#include "types.h"

namespace talk {

namespace {

Source* self(gpointer instance) { return static_cast<Source*>(Element::of(instance)); }

}  // namespace

GstFlowReturn Source::create(GstBuffer** out) {
  for (;;) {
    Item item;
    {
      std::unique_lock<std::mutex> lock(mutex_);
      if (unlocked_ || flushing_ || env()->closed()) return GST_FLOW_FLUSHING;
      if (failed()) return GST_FLOW_ERROR;
      if (!early_.empty() && started_) {
        queue_.insert(queue_.begin(), std::make_move_iterator(early_.begin()), std::make_move_iterator(early_.end()));
        early_.clear();
      }
      if (queue_.empty()) {
        collect_answer();
        if (queue_.empty() && ended_) return GST_FLOW_EOS;
      }
      if (queue_.empty()) {
        if (pulls() && open_ == nullptr) {
          lock.unlock();
          ask_create();
          continue;
        }
        cond_.wait(lock);
        continue;
      }
      Item& front = queue_.front();
      if (GST_CLOCK_TIME_IS_VALID(front.at)) {
        // It stays in the queue while it waits, so that `revise` finds it there.
        const GstClockTime at = front.at;
        const uint64_t seen = gate.cuts();
        lock.unlock();
        const Gate::Wake wake = gate.wait(gst(), at, seen);
        lock.lock();
        if (wake != Gate::Wake::kTime || queue_.empty() || queue_.front().at != at) continue;
      }
      item = std::move(queue_.front());
      queue_.pop_front();
      leaving_ = item.is_event() && GST_CLOCK_TIME_IS_VALID(item.at);
    }
    if (room_wanted_.exchange(false)) tell(Op::kSpace);
    if (item.is_event()) {
      push_event(item.take_event());
      continue;
    }
    *out = item.take_buffer();
    advance(*out);
    return GST_FLOW_OK;
  }
}

// With the lock held: moves what `create` answered into the queue. An event belongs to the frame behind it: it leaves
// with it, and is taken back with it.
void Source::collect_answer() {
  if (open_ == nullptr || open_->outcome == Outcome::kPending) return;
  learn(*open_);
  if (open_->outcome == Outcome::kEos) ended_ = true;
  GstClockTime at = GST_CLOCK_TIME_NONE;
  for (auto item = open_->items.rbegin(); item != open_->items.rend(); ++item) {
    if (item->is_event()) item->at = at;
    at = item->at;
  }
  for (Item& item : open_->items) queue_.push_back(std::move(item));
  drop_call();
}

// With the lock held.
void Source::drop_call() {
  if (open_ == nullptr) return;
  open_->abandoned = true;
  open_->unref();
  open_ = nullptr;
}

void Source::ask_create() {
  auto* call = new Call(this, Op::kCreate);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    call->a = static_cast<double>(position_);
    call->b = static_cast<double>(frames_);
    open_ = call;
    call->ref();
  }
  if (post(call)) {
    look_for_answer(call);
  } else {
    std::lock_guard<std::mutex> lock(mutex_);
    drop_call();
  }
  call->unref();
}

void Source::advance(GstBuffer* buffer) {
  std::lock_guard<std::mutex> lock(mutex_);
  const guint64 frames = frame_bytes_ > 0 ? gst_buffer_get_size(buffer) / frame_bytes_ : 1;
  if (!GST_BUFFER_PTS_IS_VALID(buffer)) GST_BUFFER_PTS(buffer) = position_;
  if (!GST_BUFFER_DURATION_IS_VALID(buffer) && frame_bytes_ > 0) {
    GST_BUFFER_DURATION(buffer) = gst_util_uint64_scale_int(frames, GST_SECOND, rate_);
  }
  position_ = GST_BUFFER_PTS(buffer) + (GST_BUFFER_DURATION_IS_VALID(buffer) ? GST_BUFFER_DURATION(buffer) : 0);
  frames_ += frames;
  started_ = true;
}

void Source::push_event(GstEvent* event) {
  bool started = false;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    started = started_;
    if (!started && GST_EVENT_TYPE(event) != GST_EVENT_CUSTOM_DOWNSTREAM) {
      early_.push_back(Item(event));
      return;
    }
  }
  if (started) {
    gst_pad_push_event(GST_BASE_SRC_PAD(gst()), event);
  } else {
    // Nothing has been pushed yet: the base class keeps it until segment and caps are out.
    parent_class<GstElementClass>(gst())->send_event(gst(), event);
  }
}

bool Source::emit(Item&& item, uint32_t) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (flushing_) return true;
  if (item.object == nullptr) {
    ended_ = true;
  } else {
    queue_.push_back(std::move(item));
  }
  cond_.notify_all();
  if (queue_.size() < spec().queue_out) return true;
  room_wanted_ = true;
  return false;
}

void Source::send(GstEvent* event, const std::string& pad) {
  if (!GST_EVENT_IS_DOWNSTREAM(event) || !GST_EVENT_IS_SERIALIZED(event)) {
    Element::send(event, pad);
    return;
  }
  emit(Item(event), 0);
}

bool Source::revise() {
  const auto frame = [](const Item& item) { return !item.is_event(); };
  bool back = false;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    std::deque<Item> stay;
    // A frame whose events have begun to leave goes after them.
    for (bool leaving = leaving_; leaving && !queue_.empty();) {
      leaving = queue_.front().is_event();
      stay.push_back(std::move(queue_.front()));
      queue_.pop_front();
    }
    // What `create` has answered is not in the queue before the streaming thread has seen it.
    back = std::any_of(queue_.begin(), queue_.end(), frame) ||
           (open_ != nullptr && std::any_of(open_->items.begin(), open_->items.end(), frame));
    if (open_ != nullptr) open_->revised = true;
    drop_call();
    for (Item& item : queue_) {
      if (item.is_event() && !GST_CLOCK_TIME_IS_VALID(item.at)) stay.push_back(std::move(item));
    }
    queue_.swap(stay);
    cond_.notify_all();
  }
  gate.cut();
  return back;
}

void Source::set_unlocked(bool unlocked) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    unlocked_ = unlocked;
    cond_.notify_all();
  }
  gate.set_flushing(unlocked || flushing());
}

void Source::reset() {
  std::lock_guard<std::mutex> lock(mutex_);
  drop_call();
  queue_.clear();
  early_.clear();
  ended_ = false;
  leaving_ = false;
  position_ = 0;
  frames_ = 0;
  started_ = false;
}

bool Source::before_start() {
  reset();
  beside_.reset();
  set_unlocked(false);
  gst_base_src_set_live(GST_BASE_SRC(gst()), bool_property("is-live", spec().live));
  return true;
}

void Source::unblock() { set_unlocked(true); }

void Source::after_stop() { reset(); }

void Source::set_output_caps(GstCaps* caps) {
  Element::set_output_caps(caps);
  gst_pad_mark_reconfigure(GST_BASE_SRC_PAD(gst()));
}

void Source::caps_fixed(GstCaps* caps) {
  std::lock_guard<std::mutex> lock(mutex_);
  frame_bytes_ = audio_frame_bytes(caps, &rate_);
}

namespace {

void wire(gpointer klass, const TypeSpec&) {
  auto* base = static_cast<GstBaseSrcClass*>(klass);
  base->create = [](GstBaseSrc* src, guint64, guint, GstBuffer** out) { return self(src)->create(out); };
  base->unlock = [](GstBaseSrc* src) -> gboolean {
    self(src)->set_unlocked(true);
    return TRUE;
  };
  base->unlock_stop = [](GstBaseSrc* src) -> gboolean {
    self(src)->set_unlocked(false);
    return TRUE;
  };
  base->is_seekable = [](GstBaseSrc*) -> gboolean { return FALSE; };
  base->get_caps = [](GstBaseSrc* src, GstCaps* filter) -> GstCaps* {
    GstCaps* caps = gst_pad_get_pad_template_caps(GST_BASE_SRC_PAD(src));
    if (GstCaps* wanted = self(src)->output_caps()) {
      GstCaps* both = gst_caps_intersect_full(wanted, caps, GST_CAPS_INTERSECT_FIRST);
      gst_caps_unref(wanted);
      gst_caps_unref(caps);
      caps = both;
    }
    if (filter != nullptr) {
      GstCaps* both = gst_caps_intersect_full(filter, caps, GST_CAPS_INTERSECT_FIRST);
      gst_caps_unref(caps);
      caps = both;
    }
    return caps;
  };
  base->set_caps = [](GstBaseSrc* src, GstCaps* caps) -> gboolean {
    self(src)->caps_fixed(caps);
    return self(src)->setup(GST_BASE_SRC_PAD(src), caps);
  };
  base->event = [](GstBaseSrc* src, GstEvent* event) -> gboolean {
    self(src)->on_src_event(GST_BASE_SRC_PAD(src), event);
    return parent_class<GstBaseSrcClass>(src)->event(src, event);
  };
  base->query = [](GstBaseSrc* src, GstQuery* query) -> gboolean {
    if (GST_QUERY_TYPE(query) != GST_QUERY_LATENCY) return parent_class<GstBaseSrcClass>(src)->query(src, query);
    const Latency& latency = self(src)->latency;
    gst_query_set_latency(query, gst_base_src_is_live(src), latency.own_min(), latency.own_max());
    return TRUE;
  };
  GST_ELEMENT_CLASS(klass)->request_new_pad = [](GstElement* gst, GstPadTemplate* templ, const gchar* name,
                                                 const GstCaps*) { return self(gst)->request_pad(templ, name); };
  GST_ELEMENT_CLASS(klass)->release_pad = [](GstElement* gst, GstPad* pad) { self(gst)->release_pad(pad); };
  GST_ELEMENT_CLASS(klass)->send_event = [](GstElement* gst, GstEvent* event) -> gboolean {
    const bool flush = GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP;
    if (GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_START) self(gst)->tell(Op::kAbort);
    if (flush) self(gst)->reset();
    return parent_class<GstElementClass>(gst)->send_event(gst, event);
  };
}

}  // namespace

const Base& source_base() {
  static const Base base = {
      gst_base_src_get_type,
      wire,
      [](GstElement* gst, const TypeSpec& spec) -> Element* { return new Source(gst, spec); },
      [](Element* element) {
        gst_base_src_set_format(GST_BASE_SRC(element->gst()), GST_FORMAT_TIME);
        gst_base_src_set_live(GST_BASE_SRC(element->gst()), element->spec().live);
      },
  };
  return base;
}

}  // namespace talk
