// Events put into a running pipeline from JS. On a control thread: a serialized one waits for the stream.
#include <gst/video/video.h>

#include <string>

#include "convert.h"
#include "edit.h"
#include "pipeline.h"

namespace talk {

namespace {

GstEventType event_type(const std::string& direction, bool oob, bool sticky) {
  if (direction == "up") return GST_EVENT_CUSTOM_UPSTREAM;
  if (oob) return GST_EVENT_CUSTOM_DOWNSTREAM_OOB;
  return sticky ? GST_EVENT_CUSTOM_DOWNSTREAM_STICKY : GST_EVENT_CUSTOM_DOWNSTREAM;
}

// To a pad the event is given from outside when it comes towards it (up into a src pad, down into a sink pad), else
// pushed out of it to the peer. To an element it goes as gst_element_send_event has it.
bool deliver(GObject* target, GstEvent* event) {
  if (target == nullptr) {
    gst_event_unref(event);
    return false;
  }
  if (!GST_IS_PAD(target)) return gst_element_send_event(GST_ELEMENT(target), event);
  // A flush may travel either way; here it goes with the data.
  const bool up = !GST_EVENT_IS_DOWNSTREAM(event);
  const bool inwards = up == static_cast<bool>(GST_PAD_IS_SRC(target));
  return inwards ? gst_pad_send_event(GST_PAD(target), event) : gst_pad_push_event(GST_PAD(target), event);
}

napi_value queue_event(Env& env, const Args& args, GstEvent* event) {
  Pipeline* pipeline = Pipeline::of(env.napi(), args[0]);
  if (pipeline == nullptr || pipeline->closed()) {
    gst_event_unref(event);
    return nullptr;
  }
  // Held by the job: a job that is never run must not leak it.
  const std::shared_ptr<GstEvent> held(event, [](GstEvent* unsent) { gst_event_unref(unsent); });
  Strong<GObject> target(env.napi(), args[1]);
  return pipeline->run(
      Lane::kEvent,
      [target = std::move(target), held](GstElement*) -> bool {
        return deliver(target.get(), gst_event_ref(held.get()));
      },
      [](Env& env, bool done) { return js_bool(env.napi(), done); });
}

// (pipeline, handle, name, fields, direction, oob, sticky) -> Promise<boolean> | {expected}
napi_value event_send(Env& env, const Args& args) {
  std::string expected;
  GstStructure* body = structure_from_js(env.napi(), args.string(2).c_str(), args[3], &expected);
  if (body == nullptr) {
    napi_value refusal = js_object(env.napi());
    js_set(env.napi(), refusal, "expected", js_string(env.napi(), expected));
    return refusal;
  }
  return queue_event(env, args, gst_event_new_custom(event_type(args.string(4), args.boolean(5), args.boolean(6)), body));
}

// (pipeline, pad, allHeaders, count): asks upstream of the pad for a key frame.
napi_value event_key_unit(Env& env, const Args& args) {
  return queue_event(env, args,
                     gst_video_event_new_upstream_force_key_unit(GST_CLOCK_TIME_NONE, args.boolean(2), args.u32(3)));
}

// (pipeline, pad): flushes what is downstream of it.
napi_value event_flush(Env& env, const Args& args) {
  Pipeline* pipeline = Pipeline::of(env.napi(), args[0]);
  if (pipeline == nullptr || pipeline->closed()) return nullptr;
  Strong<GObject> target(env.napi(), args[1]);
  const bool reset_time = args.boolean(2);
  return pipeline->run(
      Lane::kEvent,
      [target = std::move(target), reset_time](GstElement*) -> bool {
        const bool started = deliver(target.get(), gst_event_new_flush_start());
        return deliver(target.get(), gst_event_new_flush_stop(reset_time)) && started;
      },
      [](Env& env, bool done) { return js_bool(env.napi(), done); });
}

// (pipeline, handle): EOS into one element or pad.
napi_value event_eos(Env& env, const Args& args) { return queue_event(env, args, gst_event_new_eos()); }

}  // namespace

void init_events(Env& env, napi_value exports) {
  define<event_send>(env, exports, "eventSend");
  define<event_key_unit>(env, exports, "eventKeyUnit");
  define<event_flush>(env, exports, "eventFlush");
  define<event_eos>(env, exports, "eventEos");
}

}  // namespace talk
