#include "element.h"

#include "js.h"
#include "types.h"

namespace talk {

Element::Element(GstElement* gst, const TypeSpec& spec) : gst_(gst), spec_(spec) {
  values_.resize(spec.properties.size());
  for (size_t i = 0; i < values_.size(); i++) init_value(spec, i, &values_[i]);
  serial_ = std::make_shared<Serial>();
  // An instance belongs to the isolate whose thread makes it. Elsewhere (an autoplugger on a streaming thread) it
  // has none and refuses to become READY.
  if (Env* current = Env::current()) {
    env_ = current->shared_from_this();
    JsSide& side = JsSide::of(*env_);
    id_ = side.next_instance();
    peer_ = std::make_shared<Peer>(this, gst);
    side.instances[id_] = peer_;
    close_ticket_ = env_->on_close(ClosePhase::kWake, [peer = peer_] {
      if (Peer::Held held{peer.get()}) held->env_closed();
    });
  }
}

Element::~Element() {
  if (env_ != nullptr) {
    env_->forget(close_ticket_);
    tell(Op::kDestroy);
  }
  for (GValue& value : values_) g_value_unset(&value);
  if (output_caps_ != nullptr) gst_caps_unref(output_caps_);
}

// --- trouble ---

void Element::fail(Failure failure) {
  GstStructure* details = failure.details != nullptr ? failure.details : gst_structure_new_empty("talkgraph-error");
  if (error_posted_.exchange(true)) {
    gst_structure_free(details);
    return;
  }
  GQuark quark = GST_STREAM_ERROR;
  if (failure.domain == "core") quark = GST_CORE_ERROR;
  if (failure.domain == "library") quark = GST_LIBRARY_ERROR;
  if (failure.domain == "resource") quark = GST_RESOURCE_ERROR;
  static const struct { const char *domain, *code; int number; } kCodes[] = {
      {"core", "negotiation", GST_CORE_ERROR_NEGOTIATION},
      {"core", "state-change", GST_CORE_ERROR_STATE_CHANGE},
      {"core", "clock", GST_CORE_ERROR_CLOCK},
      {"core", "missing-element", GST_CORE_ERROR_MISSING_PLUGIN},
      {"core", "link", GST_CORE_ERROR_PAD},
      {"library", "init", GST_LIBRARY_ERROR_INIT},
      {"library", "settings", GST_LIBRARY_ERROR_SETTINGS},
      {"library", "shutdown", GST_LIBRARY_ERROR_SHUTDOWN},
      {"resource", "not-found", GST_RESOURCE_ERROR_NOT_FOUND},
      {"resource", "busy", GST_RESOURCE_ERROR_BUSY},
      {"resource", "read", GST_RESOURCE_ERROR_READ},
      {"resource", "write", GST_RESOURCE_ERROR_WRITE},
      {"resource", "no-space", GST_RESOURCE_ERROR_NO_SPACE_LEFT},
      {"resource", "not-authorized", GST_RESOURCE_ERROR_NOT_AUTHORIZED},
      {"resource", "settings", GST_RESOURCE_ERROR_SETTINGS},
      {"stream", "format", GST_STREAM_ERROR_FORMAT},
      {"stream", "decode", GST_STREAM_ERROR_DECODE},
      {"stream", "encode", GST_STREAM_ERROR_ENCODE},
      {"stream", "wrong-type", GST_STREAM_ERROR_WRONG_TYPE},
  };
  int number = 1;  // `failed` has the number 1 in every domain
  for (const auto& row : kCodes) {
    if (failure.domain == row.domain && failure.code == row.code) number = row.number;
  }
  GError* error = g_error_new_literal(quark, number, failure.message.c_str());
  const std::string code = failure.domain + "/" + failure.code;
  gst_structure_set(details, "code", G_TYPE_STRING, code.c_str(), "retryable", G_TYPE_BOOLEAN,
                    static_cast<gboolean>(failure.retryable), nullptr);
  gst_element_post_message(
      gst_, gst_message_new_error_with_details(GST_OBJECT(gst_), error, failure.debug.c_str(), details));
  g_error_free(error);
  // Only now: a streaming thread that finds out returns an error itself, and the base class then posts a vaguer one.
  failed_.store(true, std::memory_order_release);
  {
    std::lock_guard<std::mutex> lock(mutex_);
    cond_.notify_all();
  }
}

void Element::refused(const GstCaps* wanted, const GstCaps* offered) {
  gchar* text = gst_caps_to_string(wanted);
  gchar* other = gst_caps_to_string(offered);
  fail({"core", "negotiation", std::string("what follows does not accept ") + text, std::string("it accepts ") + other});
  g_free(text);
  g_free(other);
}

void Element::warn(const std::string& message) {
  GError* error = g_error_new_literal(GST_LIBRARY_ERROR, GST_LIBRARY_ERROR_SETTINGS, message.c_str());
  gst_element_post_message(gst_, gst_message_new_warning(GST_OBJECT(gst_), error, ""));
  g_error_free(error);
}

// --- properties ---

int Element::find_property(const char* name) const {
  for (size_t i = 0; i < spec_.properties.size(); i++) {
    if (spec_.properties[i].name == name) return static_cast<int>(i);
  }
  return -1;
}

void Element::set_property(guint index, const GValue* value, GParamSpec* pspec) {
  const PropertySpec& property = spec_.properties[index];
  GST_OBJECT_LOCK(gst_);
  const GstState state = GST_STATE(gst_);
  GST_OBJECT_UNLOCK(gst_);
  if ((property.when == Mutable::kNull && state > GST_STATE_NULL) ||
      (property.when == Mutable::kReady && state > GST_STATE_READY)) {
    warn(std::string("property ") + pspec->name + " cannot be set in state " + gst_element_state_get_name(state) +
         ", only " + (property.when == Mutable::kNull ? "before the element is started" : "up to READY"));
    return;
  }
  {
    std::lock_guard<std::mutex> lock(values_mutex_);
    g_value_copy(value, &values_[index]);
  }
  if (js_made) tell(Op::kProperty, property.name);
}

void Element::get_property(guint index, GValue* value) {
  std::lock_guard<std::mutex> lock(values_mutex_);
  g_value_copy(&values_[index], value);
}

void Element::set_from_js(guint index, const GValue* value) {
  {
    std::lock_guard<std::mutex> lock(values_mutex_);
    g_value_copy(value, &values_[index]);
  }
  g_object_notify(G_OBJECT(gst_), spec_.properties[index].name.c_str());
}

bool Element::bool_property(const char* name, bool otherwise) {
  const int index = find_property(name);
  if (index < 0 || spec_.properties[index].type != PropertyType::kBool) return otherwise;
  std::lock_guard<std::mutex> lock(values_mutex_);
  return g_value_get_boolean(&values_[index]);
}

// --- life cycle ---

bool Element::control(Op op) {
  const Outcome outcome = ask(new Call(this, op), false);
  return outcome == Outcome::kOk || outcome == Outcome::kDrop;
}

bool Element::open() { return control(Op::kConstruct); }

bool Element::stop_js() { return !std::exchange(stop_pending_, false) || !has(kHasStop) || control(Op::kStop); }

GstStateChangeReturn Element::change_state(GstStateChange transition, GstElementClass* parent) {
  switch (transition) {
    case GST_STATE_CHANGE_NULL_TO_READY:
      failed_ = false;
      error_posted_ = false;
      if (env_ == nullptr) {
        fail({"core", "state-change",
              "was made on a thread that runs no JavaScript, so there is nobody to run it"});
        return GST_STATE_CHANGE_FAILURE;
      }
      if (env_->closed() || !open()) return GST_STATE_CHANGE_FAILURE;
      stop_pending_ = built();
      break;
    case GST_STATE_CHANGE_READY_TO_PAUSED:
      epoch.reset();
      latency.forget();
      set_flushing(false);
      stop_pending_ = true;
      {
        std::lock_guard<std::mutex> lock(mutex_);
        start_until_ = 0;
      }
      if (!before_start() || (has(kHasStart) && !control(Op::kStart))) {
        set_flushing(true);
        stop_pending_ = built();
        // If it is still under way, it can end early now.
        if (has(kHasStart)) tell(Op::kAbort);
        return GST_STATE_CHANGE_FAILURE;
      }
      break;
    case GST_STATE_CHANGE_PAUSED_TO_PLAYING:
      gate.set_playing(true);
      break;
    case GST_STATE_CHANGE_PLAYING_TO_PAUSED:
      gate.set_playing(false);
      break;
    case GST_STATE_CHANGE_PAUSED_TO_READY:
      // Before chaining up: the parent joins the streaming thread, which may be waiting for JS.
      set_flushing(true);
      unblock();
      tell(Op::kAbort);
      break;
    default:
      break;
  }
  GstStateChangeReturn result = parent->change_state(gst_, transition);
  switch (transition) {
    case GST_STATE_CHANGE_NULL_TO_READY:
      if (result == GST_STATE_CHANGE_FAILURE) stop_js();
      break;
    case GST_STATE_CHANGE_READY_TO_PAUSED:
      if (result != GST_STATE_CHANGE_FAILURE) break;
      set_flushing(true);
      unblock();
      [[fallthrough]];
    case GST_STATE_CHANGE_PAUSED_TO_READY:
      after_stop();
      if (!stop_js()) result = GST_STATE_CHANGE_FAILURE;
      break;
    case GST_STATE_CHANGE_READY_TO_NULL:
      // What was built was never started: a sink inside may have opened a file all the same.
      stop_js();
      close();
      break;
    default:
      break;
  }
  return result;
}

// --- data ---

bool Element::setup(GstPad* pad, GstCaps* caps) {
  if (GST_PAD_DIRECTION(pad) == GST_PAD_SINK) remember_video(caps);
  if (!has(kHasSetup)) return true;
  auto* call = new Call(this, Op::kSetup);
  call->pad = GST_PAD_NAME(pad);
  call->caps = gst_caps_ref(caps);
  const Outcome outcome = ask(call, true);
  // Flushing is no refusal: "not negotiated" would be an error on the bus of a pipeline that is only being stopped.
  return outcome == Outcome::kOk || outcome == Outcome::kDrop || outcome == Outcome::kFlushing;
}

void Element::remember_video(GstCaps* caps) {
  std::shared_ptr<GstVideoInfo> info;
  if (gst_structure_has_name(gst_caps_get_structure(caps, 0), "video/x-raw")) {
    info = std::make_shared<GstVideoInfo>();
    if (!gst_video_info_from_caps(info.get(), caps)) info = nullptr;
  }
  std::lock_guard<std::mutex> lock(values_mutex_);
  video_ = info;
}

void Element::set_latency(GstClockTime min, GstClockTime max) {
  latency.set_own(GST_CLOCK_TIME_IS_VALID(min) ? min : 0, max);
  gst_element_post_message(gst_, gst_message_new_latency(GST_OBJECT(gst_)));
}

std::shared_ptr<const GstVideoInfo> Element::video() {
  std::lock_guard<std::mutex> lock(values_mutex_);
  return video_;
}

void Element::set_output_caps(GstCaps* caps) {
  std::lock_guard<std::mutex> lock(values_mutex_);
  if (output_caps_ != nullptr) gst_caps_unref(output_caps_);
  output_caps_ = caps != nullptr ? gst_caps_ref(caps) : nullptr;
}

GstCaps* Element::output_caps() {
  std::lock_guard<std::mutex> lock(values_mutex_);
  return output_caps_ != nullptr ? gst_caps_ref(output_caps_) : nullptr;
}

GstPad* Element::pad(const char* name) { return gst_element_get_static_pad(gst_, name); }

std::string Element::free_name(const std::string& wanted, std::atomic<guint>* serial) {
  const size_t mark = wanted.find('%');
  for (;;) {
    const std::string name = mark != std::string::npos ? wanted.substr(0, mark) + std::to_string((*serial)++) : wanted;
    GstPad* taken = pad(name.c_str());
    if (taken == nullptr) return name;
    gst_object_unref(taken);
    // Somebody may have asked for a number by name; another one is free.
    if (mark == std::string::npos) return {};
  }
}

GstClockTime Element::running_time(const GstSegment& segment, GstClockTime pts) {
  if (segment.format != GST_FORMAT_TIME || !GST_CLOCK_TIME_IS_VALID(pts)) return GST_CLOCK_TIME_NONE;
  return gst_segment_to_running_time(&segment, GST_FORMAT_TIME, pts);
}

Gate::Wake Element::hold(GstPad* src, const GstSegment& segment, GstClockTime pts, uint64_t cuts_seen) {
  const GstClockTime time = running_time(segment, pts);
  bool live = false;
  const GstClockTime early = latency.following(src, &live) + spec_.hold_ahead;
  held_live_ = live;
  if (!live || !GST_CLOCK_TIME_IS_VALID(time)) return flushing() ? Gate::Wake::kFlush : Gate::Wake::kTime;
  const GstClockTime latest = time + latency.pipeline();
  return gate.wait(gst_, latest > early ? latest - early : 0, cuts_seen);
}

}  // namespace talk
