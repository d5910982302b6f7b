#include "guard.h"

#include <atomic>
#include <vector>

#include "element.h"
#include "handle.h"
#include "js.h"

namespace talk {

namespace {

// What stands in front of a part's pad `sink`.
struct Guard {
  GstPadChainFunction chain = nullptr;
  GstPadEventFunction event = nullptr;
  GstPadQueryFunction query = nullptr;
  std::atomic<bool> broken{false};
};

GQuark quark() {
  static const GQuark made = g_quark_from_static_string("talkgraph-guard");
  return made;
}

Guard* guard_of(gpointer part) { return static_cast<Guard*>(g_object_get_qdata(G_OBJECT(part), quark())); }

// Tells the bin, once. Any thread.
void fail(GstElement* part, Guard* guard, const char* message, const char* debug) {
  if (guard->broken.exchange(true)) return;
  const Strong<GstObject> parent(gst_object_get_parent(GST_OBJECT(part)));
  Element* bin = parent ? Element::of_any(parent.get()) : nullptr;
  if (bin == nullptr) return;
  bin->tell(Op::kMessage, "part-failed", 0,
            gst_structure_new("part-failed", "part", G_TYPE_STRING, GST_OBJECT_NAME(part), "message", G_TYPE_STRING,
                              message, "debug", G_TYPE_STRING, debug != nullptr ? debug : "", nullptr));
}

// What its failure is made of: not the end of the stream, nor a state change.
bool is_failure(GstFlowReturn flow) {
  return flow == GST_FLOW_ERROR || flow == GST_FLOW_NOT_NEGOTIATED || flow == GST_FLOW_NOT_SUPPORTED;
}

GstFlowReturn chain(GstPad* pad, GstObject* parent, GstBuffer* buffer) {
  Guard* guard = guard_of(parent);
  if (guard->broken) {
    gst_buffer_unref(buffer);
    return GST_FLOW_OK;
  }
  const GstFlowReturn flow = guard->chain(pad, parent, buffer);
  if (!is_failure(flow)) return flow;
  fail(GST_ELEMENT(parent), guard, "It does not take the data.", gst_flow_get_name(flow));
  return GST_FLOW_OK;
}

gboolean event(GstPad* pad, GstObject* parent, GstEvent* event) {
  Guard* guard = guard_of(parent);
  const bool caps = GST_EVENT_TYPE(event) == GST_EVENT_CAPS;
  if (guard->broken) {
    // The end of the stream must not wait for what takes its place.
    const Strong<GstPad> out(gst_element_get_static_pad(GST_ELEMENT(parent), "src"));
    if (GST_EVENT_TYPE(event) == GST_EVENT_EOS && out) return gst_pad_push_event(out.get(), event);
    gst_event_unref(event);
    return TRUE;
  }
  const gboolean taken = guard->event(pad, parent, event);
  if (taken || !caps) return taken;
  fail(GST_ELEMENT(parent), guard, "It does not take data of this format.", nullptr);
  return TRUE;
}

// What it cannot take, what takes its place can: nobody in front is told of its limits, which would end the stream there.
gboolean query(GstPad* pad, GstObject* parent, GstQuery* query) {
  if (GST_QUERY_TYPE(query) == GST_QUERY_ACCEPT_CAPS) {
    gst_query_set_accept_caps_result(query, TRUE);
    return TRUE;
  }
  if (GST_QUERY_TYPE(query) != GST_QUERY_CAPS) {
    const Guard* guard = guard_of(parent);
    return guard->broken ? FALSE : guard->query(pad, parent, query);
  }
  GstCaps* asked = nullptr;
  gst_query_parse_caps(query, &asked);
  GstCaps* any = asked != nullptr ? gst_caps_ref(asked) : gst_caps_new_any();
  gst_query_set_caps_result(query, any);
  gst_caps_unref(any);
  return TRUE;
}

// The child of the bin that the object is, or is in.
Strong<GstElement> child_above(GstObject* object, GstBin* bin) {
  auto* at = GST_OBJECT(gst_object_ref(object));
  for (;;) {
    GstObject* parent = gst_object_get_parent(at);
    if (parent == GST_OBJECT(bin)) {
      gst_object_unref(parent);
      return Strong<GstElement>(GST_ELEMENT(at));
    }
    gst_object_unref(at);
    if (parent == nullptr) return Strong<GstElement>(nullptr);
    at = parent;
  }
}

// Stopped, but what comes in is taken and dropped until another one is in its place.
void open_broken(GstElement* part) {
  gst_element_set_locked_state(part, TRUE);
  gst_element_set_state(part, GST_STATE_NULL);
  const Strong<GstPad> sink(gst_element_get_static_pad(part, "sink"));
  const Strong<GstPad> src(gst_element_get_static_pad(part, "src"));
  if (src) gst_pad_set_active(src.get(), TRUE);
  if (sink) gst_pad_set_active(sink.get(), TRUE);
}

// (element): from now on it is guarded. Before it starts; false when it has no pad `sink`.
napi_value part_guard(Env& env, const Args& args) {
  const Strong<GstElement> part(env.napi(), args[0]);
  const Strong<GstPad> pad(part ? gst_element_get_static_pad(part.get(), "sink") : nullptr);
  if (!pad) return js_bool(env.napi(), false);
  auto* guard = new Guard;
  guard->chain = GST_PAD_CHAINFUNC(pad.get());
  guard->event = GST_PAD_EVENTFUNC(pad.get());
  guard->query = GST_PAD_QUERYFUNC(pad.get());
  g_object_set_qdata_full(G_OBJECT(part.get()), quark(), guard, [](gpointer data) { delete static_cast<Guard*>(data); });
  // A parsed fragment is a pipeline, which on its way to NULL silences its bus: that is the one of the bin it is in.
  if (GST_IS_PIPELINE(part.get())) gst_pipeline_set_auto_flush_bus(GST_PIPELINE(part.get()), FALSE);
  gst_pad_set_chain_function(pad.get(), chain);
  gst_pad_set_event_function(pad.get(), event);
  gst_pad_set_query_function(pad.get(), query);
  return js_bool(env.napi(), true);
}

struct Change {
  Strong<GstElement> old;
  Strong<GstElement> fresh;
};

void complain(GstElement* part) {
  GST_ELEMENT_ERROR(part, CORE, PAD, ("It could not be put in the place of what failed."), (nullptr));
}

// Nothing passes the pad in front while this runs.
GstPadProbeReturn change(GstPad* before, GstPadProbeInfo*, gpointer data) {
  auto* change = static_cast<Change*>(data);
  GstElement* old = change->old.get();
  GstElement* fresh = change->fresh.get();
  const Strong<GstPad> old_sink(gst_element_get_static_pad(old, "sink"));
  const Strong<GstPad> old_src(gst_element_get_static_pad(old, "src"));
  const Strong<GstPad> after(old_src ? gst_pad_get_peer(old_src.get()) : nullptr);
  const Strong<GstPad> sink(gst_element_get_static_pad(fresh, "sink"));
  const Strong<GstPad> src(gst_element_get_static_pad(fresh, "src"));
  if (!after || !sink || !src) return GST_PAD_PROBE_REMOVE;  // the bin was closed meanwhile
  gst_pad_unlink(before, old_sink.get());
  gst_pad_unlink(old_src.get(), after.get());
  if (gst_pad_link(src.get(), after.get()) != GST_PAD_LINK_OK || !gst_element_sync_state_with_parent(fresh) ||
      gst_pad_link(before, sink.get()) != GST_PAD_LINK_OK) {
    complain(fresh);
  }
  // A driver that is ill may take its time: nothing waits for its end.
  gst_element_call_async(
      old,
      [](GstElement* old, gpointer) {
        gst_element_set_locked_state(old, TRUE);
        gst_element_set_state(old, GST_STATE_NULL);
        const Strong<GstObject> bin(gst_object_get_parent(GST_OBJECT(old)));
        if (bin) gst_bin_remove(GST_BIN(bin.get()), old);
      },
      nullptr, nullptr);
  return GST_PAD_PROBE_REMOVE;
}

// (element, element): the second, which was just added, takes the place of the first between two buffers; both have a
// pad `sink` and a pad `src`. Later, on another thread.
napi_value part_replace(Env& env, const Args& args) {
  auto* wanted = new Change{Strong<GstElement>(env.napi(), args[0]), Strong<GstElement>(env.napi(), args[1])};
  if (!wanted->old || !wanted->fresh) {
    delete wanted;
    return nullptr;
  }
  gst_element_call_async(
      wanted->old.get(),
      [](GstElement* old, gpointer data) {
        const auto* wanted = static_cast<Change*>(data);
        const Strong<GstPad> sink(gst_element_get_static_pad(old, "sink"));
        const Strong<GstPad> before(sink ? gst_pad_get_peer(sink.get()) : nullptr);
        if (!before) return;
        gst_pad_add_probe(before.get(), GST_PAD_PROBE_TYPE_IDLE, change, new Change(*wanted),
                          [](gpointer data) { delete static_cast<Change*>(data); });
      },
      wanted, [](gpointer data) { delete static_cast<Change*>(data); });
  return nullptr;
}

}  // namespace

bool guard_takes(GstBin* bin, GstMessage* error) {
  if (GST_MESSAGE_SRC(error) == nullptr) return false;
  const Strong<GstElement> part = child_above(GST_MESSAGE_SRC(error), bin);
  Guard* guard = part ? guard_of(part.get()) : nullptr;
  if (guard == nullptr) return false;
  GError* what = nullptr;
  gchar* debug = nullptr;
  gst_message_parse_error(error, &what, &debug);
  fail(part.get(), guard, what != nullptr ? what->message : "", debug);
  g_clear_error(&what);
  g_free(debug);
  return true;
}

bool guard_start(GstBin* bin) {
  std::vector<Strong<GstElement>> parts;
  GST_OBJECT_LOCK(bin);
  for (GList* item = GST_BIN_CHILDREN(bin); item != nullptr; item = item->next) {
    if (guard_of(item->data) != nullptr) parts.emplace_back(GST_ELEMENT(gst_object_ref(item->data)));
  }
  GST_OBJECT_UNLOCK(bin);
  for (const Strong<GstElement>& part : parts) {
    Guard* guard = guard_of(part.get());
    if (GST_STATE(part.get()) > GST_STATE_NULL || gst_element_is_locked_state(part.get())) continue;
    if (gst_element_set_state(part.get(), GST_STATE_PAUSED) != GST_STATE_CHANGE_FAILURE) continue;
    open_broken(part.get());
    fail(part.get(), guard, "It does not start.", nullptr);
  }
  return gst_bin_sync_children_states(bin);
}

void init_guards(Env& env, napi_value exports) {
  define<part_guard>(env, exports, "partGuard");
  define<part_replace>(env, exports, "partReplace");
}

}  // namespace talk
