#include "call.h"

#include "element.h"
#include "frames.h"
#include "js.h"
#include "value.h"

namespace talk {

Call::Call(Element* element, Op o) : asker(element->peer()), op(o) {}

Call::~Call() {
  // Without an isolate: either JS has settled (views are released) or there is no JS any more.
  release_views(nullptr);
  if (caps != nullptr) gst_caps_unref(caps);
  if (structure != nullptr) gst_structure_free(structure);
  items.clear();
}

void Call::unref() {
  if (refs_.fetch_sub(1, std::memory_order_acq_rel) == 1) delete this;
}

void Call::write_args(JsSide& side, napi_value* argv) {
  napi_env napi = side.napi();
  switch (op) {
    case Op::kSetup:
    case Op::kPadCaps: {
      argv[0] = js_string(napi, pad);
      argv[1] = caps_to_js(napi, caps);
      gchar* text = gst_caps_to_string(caps);
      argv[2] = js_string(napi, text);
      g_free(text);
      break;
    }
    case Op::kEvent:
      argv[0] = js_string(napi, pad);
      argv[1] = js_string(napi, gst_structure_get_name(structure));
      argv[2] = structure_to_js(napi, structure);
      side.header[slot::kFlags] = flags;
      break;
    case Op::kTransform:
    case Op::kRender: {
      View& in = views.front();
      argv[0] = view_array(side, in);
      if (views.size() > 1) argv[1] = view_array(side, views[1]);
      argv[2] = metas_to_js(napi, in.buffer);
      write_header(side, in.buffer, in.map.size, in.video.get(), in.flags);
      break;
    }
    case Op::kAggregate: {
      // A frame per pad: [pad, data, metas, slots…]. Few pads and few frames a second: plain lists will do.
      argv[0] = js_array(napi);
      for (View& view : views) {
        napi_value frame = js_array(napi);
        js_push(napi, frame, js_string(napi, view.pad));
        js_push(napi, frame, view_array(side, view));
        js_push(napi, frame, metas_to_js(napi, view.buffer));
        write_header(side, view.buffer, view.map.size, view.video.get(), view.flags);
        const int used = slot::kPlane + static_cast<int>(side.header[slot::kPlanes]) * 4;
        for (int i = 0; i < used; i++) js_push(napi, frame, js_number(napi, side.header[i]));
        js_push(napi, argv[0], frame);
      }
      side.header[slot::kPts] = a;
      side.header[slot::kDuration] = b;
      side.header[slot::kOffset] = c;
      break;
    }
    default:
      argv[0] = js_number(napi, a);
      argv[1] = js_number(napi, b);
      break;
  }
}

void Call::run(Env& env) {
  if (abandoned) return;  // nobody waits any more, and JS has not seen it
  const Peer::Held element(asker.get());
  if (!element) return;
  begun_ = steady_ns();
  JsSide& side = JsSide::of(env);
  napi_env napi = env.napi();
  id = side.next_call();
  ref();
  side.calls[id] = this;
  shown_to_ = napi;
  element->js_made = true;

  napi_value none = js_undefined(napi);
  napi_value argv[6] = {js_number(napi, static_cast<int>(op)), js_number(napi, element->id()), js_number(napi, id),
                        none, none, none};
  write_args(side, argv + 3);
  napi_value thrown = nullptr;
  napi_value result = env.call(JsEntry::kElements, 6, argv, &thrown);
  if (side.calls.find(id) == side.calls.end()) return;  // settled while it ran
  if (result == nullptr && !env.js_runs()) {
    // Terminated in the middle of it (a worker). Nobody can look at the views any more, and to detach them would end the
    // process.
    shown_to_ = nullptr;
    settle(side, Outcome::kFlushing);
    return;
  }
  if (result == nullptr) {
    // Only the runtime itself can get here: it turns an author's errors into answers.
    napi_value text = nullptr;
    if (thrown != nullptr) napi_coerce_to_string(napi, thrown, &text);
    element->fail({"stream", "failed", "the element runtime failed: " + js_to_string(napi, text)});
    settle(side, Outcome::kError);
    return;
  }
  const auto answer = static_cast<Outcome>(static_cast<int>(js_to_number(napi, result)));
  if (answer != Outcome::kPending) {
    settle(side, answer);
  } else if (inline_run) {
    element->fail({"core", "failed",
                   "a method that GStreamer called on the JavaScript thread returned a promise, which cannot be "
                   "awaited there",
                   ""});
    // JS may still use the views, so the call stays open; only the waiting ends.
    outcome = Outcome::kError;
    abandoned = true;
  }
  for (View& view : views) {
    if (view.array != nullptr && answer == Outcome::kPending) {
      napi_create_reference(napi, view.array, 1, &view.keep);
    }
    view.array = nullptr;
  }
}

bool Call::settle(JsSide& side, Outcome answer) {
  if (side.calls.erase(id) == 0) return false;
  const Peer::Held element(asker.get());
  if (element && wrote_read_only()) element->fail({"library", "failed", kWroteReadOnly, ""});
  release_views(shown_to_);
  took = steady_ns() - begun_;
  const bool waited = element && element->settled(this, answer);
  if (shown_to_ != nullptr) forget_views(shown_to_);
  unref();
  return waited;
}

}  // namespace talk
