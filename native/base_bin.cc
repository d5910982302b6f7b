// Verb `bin`: ordinary elements behind ghost pads. The pads are there from the beginning, so that launch lines can
// link them; what stands behind is built on the way to READY, when all properties are known, and for pads that take
// more than one kind of media when their caps have arrived.
#include "bin.h"

#include "guard.h"
#include "types.h"

namespace talk {

namespace {

Bin* self(gpointer instance) { return static_cast<Bin*>(Element::of(instance)); }

GstPadProbeReturn watch(GstPad* pad, GstPadProbeInfo* info, gpointer) {
  GstEvent* event = GST_PAD_PROBE_INFO_EVENT(info);
  GstObject* parent = gst_object_get_parent(GST_OBJECT(pad));
  if (parent == nullptr) return GST_PAD_PROBE_OK;
  Bin* bin = self(parent);
  GstPadProbeReturn result = GST_PAD_PROBE_OK;
  if (GST_EVENT_TYPE(event) == GST_EVENT_CAPS) {
    GstCaps* caps = nullptr;
    gst_event_parse_caps(event, &caps);
    if (!bin->caps_known(pad, caps)) result = GST_PAD_PROBE_DROP;
  } else if (GST_EVENT_TYPE(event) == GST_EVENT_EOS) {
    bin->ended(pad);
  } else if (GST_EVENT_TYPE(event) == GST_EVENT_STREAM_START || GST_EVENT_TYPE(event) == GST_EVENT_FLUSH_STOP) {
    bin->begun(pad);
  } else if (bin->on_sink_event(pad, event, bin->epoch, true)) {
    result = GST_PAD_PROBE_HANDLED;
  }
  gst_object_unref(parent);
  return result;
}

// What a ghost pad does by itself; GStreamer does not export it.
std::atomic<GstPadQueryFunction> proxy_query{nullptr};

// A pad without anything behind it answers for itself, by its template.
gboolean query(GstPad* pad, GstObject* parent, GstQuery* query) {
  const GstQueryType type = GST_QUERY_TYPE(query);
  if (type == GST_QUERY_CAPS || type == GST_QUERY_ACCEPT_CAPS) {
    if (GstPad* target = gst_ghost_pad_get_target(GST_GHOST_PAD(pad))) {
      gst_object_unref(target);
    } else {
      GstCaps* allowed = gst_pad_get_pad_template_caps(pad);
      GstCaps* asked = nullptr;
      if (type == GST_QUERY_CAPS) {
        gst_query_parse_caps(query, &asked);
        GstCaps* answer = asked != nullptr ? gst_caps_intersect_full(asked, allowed, GST_CAPS_INTERSECT_FIRST)
                                           : gst_caps_ref(allowed);
        gst_query_set_caps_result(query, answer);
        gst_caps_unref(answer);
      } else {
        gst_query_parse_accept_caps(query, &asked);
        gst_query_set_accept_caps_result(query, gst_caps_is_subset(asked, allowed));
      }
      gst_caps_unref(allowed);
      return TRUE;
    }
  }
  return proxy_query.load()(pad, parent, query);
}

// A pad of `child` that can stand behind `ghost`: one that is there and free, else one that can be asked for.
GstPad* free_pad(GstElement* child, GstPad* ghost) {
  GstPad* found = nullptr;
  GST_OBJECT_LOCK(child);
  for (GList* item = child->pads; item != nullptr && found == nullptr; item = item->next) {
    auto* pad = GST_PAD(item->data);
    if (GST_PAD_DIRECTION(pad) == GST_PAD_DIRECTION(ghost) && GST_PAD_PEER(pad) == nullptr) {
      found = GST_PAD(gst_object_ref(pad));
    }
  }
  GST_OBJECT_UNLOCK(child);
  if (found != nullptr) return found;
  GstCaps* wanted = gst_pad_get_pad_template_caps(ghost);
  for (GList* item = gst_element_class_get_pad_template_list(GST_ELEMENT_GET_CLASS(child));
       item != nullptr && found == nullptr; item = item->next) {
    auto* templ = GST_PAD_TEMPLATE(item->data);
    if (GST_PAD_TEMPLATE_DIRECTION(templ) != GST_PAD_DIRECTION(ghost)) continue;
    if (GST_PAD_TEMPLATE_PRESENCE(templ) != GST_PAD_REQUEST) continue;
    if (gst_caps_can_intersect(wanted, GST_PAD_TEMPLATE_CAPS(templ))) {
      found = gst_element_request_pad(child, templ, nullptr, nullptr);
    }
  }
  gst_caps_unref(wanted);
  return found;
}

bool has_target(GstPad* pad) {
  GstPad* target = gst_ghost_pad_get_target(GST_GHOST_PAD(pad));
  if (target == nullptr) return false;
  gst_object_unref(target);
  return true;
}

}  // namespace

GstPad* Bin::make_ghost(GstPadTemplate* templ, const std::string& name) {
  GstPad* ghost = gst_ghost_pad_new_no_target_from_template(name.c_str(), templ);
  if (ghost == nullptr) return nullptr;
  proxy_query = GST_PAD_QUERYFUNC(ghost);
  gst_pad_set_query_function(ghost, query);
  if (GST_PAD_IS_SINK(ghost)) {
    constexpr auto kEvents =
        static_cast<GstPadProbeType>(GST_PAD_PROBE_TYPE_EVENT_DOWNSTREAM | GST_PAD_PROBE_TYPE_EVENT_FLUSH);
    gst_pad_add_probe(ghost, kEvents, watch, nullptr, nullptr);
  }
  gst_pad_set_active(ghost, GST_STATE(gst()) >= GST_STATE_PAUSED);
  if (gst_element_add_pad(gst(), ghost)) return ghost;
  return nullptr;
}

void Bin::add_static_pads() {
  bool source = false;
  for (GList* item = gst_element_class_get_pad_template_list(GST_ELEMENT_GET_CLASS(gst())); item != nullptr;
       item = item->next) {
    auto* templ = GST_PAD_TEMPLATE(item->data);
    source = source || GST_PAD_TEMPLATE_DIRECTION(templ) == GST_PAD_SRC;
    if (GST_PAD_TEMPLATE_PRESENCE(templ) == GST_PAD_ALWAYS) {
      make_ghost(templ, GST_PAD_TEMPLATE_NAME_TEMPLATE(templ));
    }
  }
  // Known before there are children: a pipeline must wait for this one's EOS.
  if (!source) GST_OBJECT_FLAG_SET(gst(), GST_ELEMENT_FLAG_SINK);
}

GstPad* Bin::request_pad(GstPadTemplate* templ, const gchar* wanted) {
  const std::string name = free_name(wanted != nullptr ? wanted : GST_PAD_TEMPLATE_NAME_TEMPLATE(templ), &serial_);
  if (name.empty()) return nullptr;
  GstPad* made = make_ghost(templ, name);
  if (made != nullptr && GST_STATE(gst()) > GST_STATE_NULL) tell(Op::kPadAdded, name);
  return made;
}

void Bin::release_pad(GstPad* pad) {
  tell(Op::kPadRemoved, GST_PAD_NAME(pad));
  begun(pad);  // another pad may get its address
  gst_pad_set_active(pad, FALSE);
  gst_element_remove_pad(gst(), pad);
}

bool Bin::caps_known(GstPad* pad, GstCaps* caps) {
  if (!has(kHasPadCaps)) return true;
  auto* call = new Call(this, Op::kPadCaps);
  call->pad = GST_PAD_NAME(pad);
  call->caps = gst_caps_ref(caps);
  if (ask(call, true) != Outcome::kOk) return false;
  // What was just built runs before the caps go on.
  return guard_start(GST_BIN(gst()));
}

std::string Bin::target(const std::string& ghost_name, GstElement* child, const std::string& pad_name) {
  GstPad* ghost = pad(ghost_name.c_str());
  if (ghost == nullptr) return "there is no pad \"" + ghost_name + "\"";
  GstPad* inner = nullptr;
  if (!pad_name.empty()) {
    inner = gst_element_get_static_pad(child, pad_name.c_str());
    if (inner == nullptr) inner = gst_element_request_pad_simple(child, pad_name.c_str());
  } else {
    inner = free_pad(child, ghost);
  }
  std::string problem;
  if (inner == nullptr) {
    problem = std::string("\"") + GST_ELEMENT_NAME(child) + "\" has no free pad for it";
  } else if (!gst_ghost_pad_set_target(GST_GHOST_PAD(ghost), inner)) {
    problem = std::string("\"") + GST_ELEMENT_NAME(child) + "." + GST_PAD_NAME(inner) + "\" does not fit it";
  }
  if (inner != nullptr) gst_object_unref(inner);
  gst_object_unref(ghost);
  return problem;
}

// A linked sink pad behind which nothing stands yet, because its caps have not come: its branch has not ended.
bool Bin::awaits_caps() {
  std::vector<GstPad*> pads;
  GST_OBJECT_LOCK(gst());
  for (GList* item = gst()->sinkpads; item != nullptr; item = item->next) {
    pads.push_back(GST_PAD(gst_object_ref(item->data)));
  }
  GST_OBJECT_UNLOCK(gst());
  bool awaits = false;
  for (GstPad* pad : pads) {
    // A pad's own EOS flag is set only after the probe that tells us, which is too late to go by.
    if (gst_pad_is_linked(pad) && ended_.count(pad) == 0 && !has_target(pad)) awaits = true;
    gst_object_unref(pad);
  }
  return awaits;
}

// Children that are there have all ended. That is not the end while another branch is still to be built.
bool Bin::hold_eos() {
  std::lock_guard<std::mutex> lock(eos_mutex_);
  eos_held_ = awaits_caps();
  return eos_held_;
}

// A branch has ended. When it never had any data, nobody else tells.
void Bin::ended(GstPad* pad) {
  {
    std::lock_guard<std::mutex> lock(eos_mutex_);
    ended_.insert(pad);
    if (has_target(pad) || awaits_caps() || !std::exchange(eos_held_, false)) return;
  }
  gst_element_post_message(gst(), gst_message_new_eos(GST_OBJECT(gst())));
}

void Bin::begun(GstPad* pad) {
  std::lock_guard<std::mutex> lock(eos_mutex_);
  ended_.erase(pad);
}

bool Bin::before_start() {
  std::lock_guard<std::mutex> lock(eos_mutex_);
  ended_.clear();
  eos_held_ = false;
  return true;
}

bool Bin::open() {
  const Outcome outcome = ask(new Call(this, Op::kBuild), false);
  return outcome == Outcome::kOk || outcome == Outcome::kDrop;
}

// Built anew each time: properties may have changed meanwhile.
void Bin::close() {
  lent_.take_back();
  GST_OBJECT_LOCK(gst());
  GList* pads = g_list_copy_deep(gst()->pads, [](gconstpointer pad, gpointer) {
    return gst_object_ref(const_cast<gpointer>(pad));
  }, nullptr);
  GST_OBJECT_UNLOCK(gst());
  for (GList* item = pads; item != nullptr; item = item->next) {
    gst_ghost_pad_set_target(GST_GHOST_PAD(item->data), nullptr);
  }
  g_list_free_full(pads, gst_object_unref);
  while (GstElement* child = [&] {
    GST_OBJECT_LOCK(gst());
    GList* first = GST_BIN_CHILDREN(gst());
    auto* found = first != nullptr ? GST_ELEMENT(gst_object_ref(first->data)) : nullptr;
    GST_OBJECT_UNLOCK(gst());
    return found;
  }()) {
    gst_element_set_state(child, GST_STATE_NULL);
    const bool removed = gst_bin_remove(GST_BIN(gst()), child);
    gst_object_unref(child);
    if (!removed) break;
  }
}

namespace {

void wire(gpointer klass, const TypeSpec&) {
  auto* base = static_cast<GstElementClass*>(klass);
  base->request_new_pad = [](GstElement* gst, GstPadTemplate* templ, const gchar* name, const GstCaps*) {
    return self(gst)->request_pad(templ, name);
  };
  base->post_message = [](GstElement* gst, GstMessage* message) -> gboolean {
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS && GST_MESSAGE_SRC(message) == GST_OBJECT(gst) &&
        self(gst)->hold_eos()) {
      gst_message_unref(message);
      return TRUE;
    }
    // The pipeline keeps the EOS of a sink to itself until all have one; who added this one by itself wants to know.
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_EOS && GST_MESSAGE_SRC(message) == GST_OBJECT(gst)) {
      GstStructure* ended = gst_structure_new_empty("ended");
      parent_class<GstElementClass>(gst)->post_message(gst, gst_message_new_element(GST_OBJECT(gst), ended));
    }
    return parent_class<GstElementClass>(gst)->post_message(gst, message);
  };
  base->release_pad = [](GstElement* gst, GstPad* pad) { self(gst)->release_pad(pad); };
  // What a part says is for its bin as well as for the application.
  reinterpret_cast<GstBinClass*>(klass)->handle_message = [](GstBin* gst, GstMessage* message) {
    const GstStructure* said = gst_message_get_structure(message);
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ERROR && guard_takes(gst, message)) {
      gst_message_unref(message);
      return;
    }
    if (GST_MESSAGE_TYPE(message) == GST_MESSAGE_ELEMENT && said != nullptr && self(gst)->has(kHasMessage)) {
      self(gst)->tell(Op::kMessage, gst_structure_get_name(said), 0, gst_structure_copy(said));
    }
    parent_class<GstBinClass>(gst)->handle_message(gst, message);
  };
  // A bin of sinks is told the pipeline's latency as one sink; its children get it from there.
  base->send_event = [](GstElement* gst, GstEvent* event) -> gboolean {
    if (GST_EVENT_TYPE(event) == GST_EVENT_LATENCY) self(gst)->on_src_event(nullptr, event);
    return parent_class<GstElementClass>(gst)->send_event(gst, event);
  };
}

}  // namespace

const Base& bin_base() {
  static const Base base = {
      gst_bin_get_type,
      wire,
      [](GstElement* gst, const TypeSpec& spec) -> Element* { return new Bin(gst, spec); },
      [](Element* element) { static_cast<Bin*>(element)->add_static_pads(); },
  };
  return base;
}

}  // namespace talk
