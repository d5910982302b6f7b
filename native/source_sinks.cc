// Sink pads that a source may have beside its src, made on demand: what comes in by them is for the author alone
// (`render`, `event`, `drain`) and goes no further. Text for a voice is such a thing.
#include "source.h"

namespace talk {

namespace {

Source* self(GstObject* parent) { return static_cast<Source*>(Element::of(parent)); }

}  // namespace

GstPad* Source::request_pad(GstPadTemplate* templ, const gchar* wanted) {
  const std::string name = free_name(wanted != nullptr ? wanted : GST_PAD_TEMPLATE_NAME_TEMPLATE(templ), &serial_);
  if (name.empty()) return nullptr;
  GstPad* pad = gst_pad_new_from_template(templ, name.c_str());
  gst_pad_set_chain_function(pad, chain);
  gst_pad_set_event_function(pad, sink_event);
  // Nothing passes from here to the src.
  gst_pad_set_iterate_internal_links_function(pad, [](GstPad*, GstObject*) -> GstIterator* { return nullptr; });
  gst_pad_set_active(pad, GST_STATE(gst()) >= GST_STATE_PAUSED);
  if (!gst_element_add_pad(gst(), pad)) return nullptr;
  return pad;
}

void Source::release_pad(GstPad* pad) {
  gst_pad_set_active(pad, FALSE);
  gst_element_remove_pad(gst(), pad);
}

GstFlowReturn Source::chain(GstPad*, GstObject* parent, GstBuffer* buffer) {
  Source* source = self(parent);
  auto* call = new Call(source, Op::kRender);
  const bool mapped = call->add_view(buffer, GST_MAP_READ) != nullptr;
  gst_buffer_unref(buffer);
  if (!mapped) {
    call->unref();
    source->fail({"stream", "failed", "a buffer could not be mapped"});
    return GST_FLOW_ERROR;
  }
  return to_flow(source->ask(call, true));
}

gboolean Source::sink_event(GstPad* pad, GstObject* parent, GstEvent* event) {
  Source* source = self(parent);
  if (source->on_sink_event(pad, event, source->beside_, true)) return TRUE;
  if (GST_EVENT_TYPE(event) == GST_EVENT_EOS && source->has(kHasDrain)) {
    source->ask(new Call(source, Op::kDrain), true);
  }
  gst_event_unref(event);
  return TRUE;
}

}  // namespace talk
