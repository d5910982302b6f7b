// What JS can do with its elements. Thin: look the instance or call up by number, do one thing.
#include "elements.h"

#include <gst/video/video.h>

#include "convert.h"
#include "element.h"
#include "frames.h"
#include "js.h"
#include "parts.h"
#include "pipe.h"
#include "pool.h"
#include "source.h"
#include "types.h"
#include "value.h"

namespace talk {

namespace {

Call* find_call(JsSide& side, uint32_t id) {
  const auto found = side.calls.find(id);
  return found != side.calls.end() ? found->second : nullptr;
}

GstEvent* make_event(napi_env napi, const Args& args, size_t name, size_t fields, uint32_t kind) {
  static const GstEventType kTypes[] = {GST_EVENT_CUSTOM_DOWNSTREAM, GST_EVENT_CUSTOM_DOWNSTREAM_OOB,
                                        GST_EVENT_CUSTOM_UPSTREAM, GST_EVENT_CUSTOM_DOWNSTREAM_STICKY};
  GstStructure* structure = js_to_structure(napi, args.string(name).c_str(), args[fields]);
  return structure != nullptr ? gst_event_new_custom(kTypes[kind & 3], structure) : nullptr;
}

// connect(dispatch): the function that all questions go to.
napi_value connect(Env& env, const Args& args) {
  env.set_entry(JsEntry::kElements, args[0]);
  return nullptr;
}

// registerType(spec)
napi_value register_element(Env& env, const Args& args) {
  const std::string problem = register_type(read_spec(env.napi(), args[0]));
  if (!problem.empty()) js_throw(env.napi(), problem);
  return nullptr;
}

// elementInfo(instance) -> { factory, name, path }
napi_value element_info(Env& env, const Args& args) {
  const Peer::Held held = JsSide::of(env).instance(args.u32(0));
  if (!held) return nullptr;
  napi_env napi = env.napi();
  napi_value info = js_object(napi);
  js_set(napi, info, "factory", js_string(napi, held->spec().name));
  gchar* name = gst_object_get_name(GST_OBJECT(held->gst()));
  gchar* path = gst_object_get_path_string(GST_OBJECT(held->gst()));
  js_set(napi, info, "name", js_string(napi, name));
  js_set(napi, info, "path", js_string(napi, path));
  g_free(name);
  g_free(path);
  return info;
}

// complete(call, outcome, number?) -> somebody waited for it
napi_value complete(Env& env, const Args& args) {
  JsSide& side = JsSide::of(env);
  Call* call = find_call(side, args.u32(0));
  if (call == nullptr) return js_bool(env.napi(), false);
  if (args.given(2)) call->number = args.number(2);
  return js_bool(env.napi(), call->settle(side, static_cast<Outcome>(args.u32(1))));
}

// wanted(call): somebody still waits for it
napi_value wanted(Env& env, const Args& args) {
  const Call* call = find_call(JsSide::of(env), args.u32(0));
  return js_bool(env.napi(), call != nullptr && !call->abandoned);
}

// extendStart(instance, ms): what it starts needs longer.
napi_value extend_start(Env& env, const Args& args) {
  if (const Peer::Held held = JsSide::of(env).instance(args.u32(0))) held->extend_start(static_cast<int>(args.number(1)));
  return nullptr;
}

// The frame that JS gives: its numbers stand in the shared array, `stroke` is drawn on it later.
Item read_item(JsSide& side, napi_value view, napi_value metas, napi_value stroke) {
  const GstClockTime at = take_at(side);
  Item item(take_frame(side, view, metas), at);
  item.stroke = Stroke::read(side.napi(), stroke, gst_buffer_get_size(GST_BUFFER_CAST(item.object)));
  return item;
}

// give(call, view | null, metas?, stroke?): a frame as part of an answer.
napi_value give(Env& env, const Args& args) {
  JsSide& side = JsSide::of(env);
  Call* call = find_call(side, args.u32(0));
  Item item = read_item(side, args[1], args[2], args[3]);
  if (call == nullptr) return nullptr;
  if (const Peer::Held asker{call->asker.get()}) asker->given(call, std::move(item));
  return nullptr;
}

// giveEvent(call, kind, name, fields) -> false when the call was revised: an event at its place among the frames of an answer. Of one that
// nobody waits for it goes with the frames.
napi_value give_event(Env& env, const Args& args) {
  Call* call = find_call(JsSide::of(env), args.u32(0));
  if (call != nullptr && call->revised) return js_bool(env.napi(), false);
  if (call != nullptr && !call->abandoned) {
    const Peer::Held asker(call->asker.get());
    if (asker) {
      if (GstEvent* event = make_event(env.napi(), args, 2, 3, args.u32(1))) asker->given(call, Item(event));
    }
  }
  return js_bool(env.napi(), true);
}

// put(instance, generation, view | null, metas?, stroke?) -> there is room for more
napi_value put(Env& env, const Args& args) {
  JsSide& side = JsSide::of(env);
  Item item = read_item(side, args[2], args[3], args[4]);
  const Peer::Held held = side.instance(args.u32(0));
  return js_bool(env.napi(), !held || held->emit(std::move(item), args.u32(1)));
}

// end(instance, generation): nothing comes after this.
napi_value end(Env& env, const Args& args) {
  if (const Peer::Held held = JsSide::of(env).instance(args.u32(0))) held->emit(Item(), args.u32(1));
  return nullptr;
}

// send(instance, kind, name, fields, pad): kind 0 in order, 1 out of band, 2 upstream, 3 sticky
napi_value send(Env& env, const Args& args) {
  const Peer::Held held = JsSide::of(env).instance(args.u32(0));
  if (!held) return nullptr;
  if (GstEvent* event = make_event(env.napi(), args, 2, 3, args.u32(1))) held->send(event, args.string(4));
  return nullptr;
}

// putEvent(instance, generation, name, fields): an event at its place among what was put.
napi_value put_event(Env& env, const Args& args) {
  const Peer::Held held = JsSide::of(env).instance(args.u32(0));
  if (!held) return nullptr;
  if (GstEvent* event = make_event(env.napi(), args, 2, 3, 0)) held->emit(Item(event), args.u32(1));
  return nullptr;
}

napi_value frame_taken(JsSide& side, Pipe* pipe, GstBuffer* buffer) {
  napi_env napi = side.napi();
  const auto video = pipe->video();
  const size_t size = gst_buffer_get_size(buffer);
  if (pipe->spec().writable) buffer = gst_buffer_make_writable(buffer);
  napi_value metas = metas_to_js(napi, buffer);
  write_header(side, buffer, size, video.get(), 0);
  napi_value data = size > 0 ? Loan::lend(side, buffer, pipe->spec().writable ? GST_MAP_READWRITE : GST_MAP_READ, pipe->id())
                             : foreign_array(napi, nullptr, 0);
  if (size == 0) gst_buffer_unref(buffer);
  napi_valuetype kind;
  napi_typeof(napi, metas, &kind);
  if (kind == napi_undefined && data != nullptr) return data;
  napi_value list = js_array(napi);
  js_push(napi, list, js_number(napi, static_cast<int>(Pipe::Taken::kFrame)));
  js_push(napi, list, data != nullptr ? data : js_null(napi));
  js_push(napi, list, metas);
  return list;
}

// take(instance, generation) -> ArrayBuffer (a frame without metas) | [kind, …] | kind
napi_value take(Env& env, const Args& args) {
  JsSide& side = JsSide::of(env);
  napi_env napi = env.napi();
  const Peer::Held held = side.instance(args.u32(0));
  auto* pipe = held ? dynamic_cast<Pipe*>(held.get()) : nullptr;
  GstMiniObject* object = nullptr;
  uint32_t token = 0;
  const Pipe::Taken kind = pipe != nullptr ? pipe->take(args.u32(1), &object, &token) : Pipe::Taken::kStale;
  if (kind == Pipe::Taken::kFrame) return frame_taken(side, pipe, GST_BUFFER_CAST(object));
  if (object == nullptr) return js_number(napi, static_cast<int>(kind));
  napi_value list = js_array(napi);
  js_push(napi, list, js_number(napi, static_cast<int>(kind)));
  if (kind == Pipe::Taken::kEvent) {
    const GstStructure* structure = gst_event_get_structure(GST_EVENT_CAST(object));
    js_push(napi, list, js_number(napi, token));
    js_push(napi, list, js_string(napi, gst_structure_get_name(structure)));
    js_push(napi, list, structure_to_js(napi, structure));
  } else {
    GstCaps* caps = nullptr;
    gst_event_parse_caps(GST_EVENT_CAST(object), &caps);
    gchar* text = gst_caps_to_string(caps);
    js_push(napi, list, caps_to_js(napi, caps));
    js_push(napi, list, js_string(napi, text));
    g_free(text);
    pipe->remember_video(caps);
  }
  gst_mini_object_unref(object);
  return list;
}

// forward(instance, token) -> it was still there
napi_value forward(Env& env, const Args& args) {
  const Peer::Held held = JsSide::of(env).instance(args.u32(0));
  auto* pipe = held ? dynamic_cast<Pipe*>(held.get()) : nullptr;
  return js_bool(env.napi(), pipe != nullptr && pipe->forward(args.u32(1)));
}

// attend(instance, on): pieces that are in good time are shown to `transform`, too
napi_value attend(Env& env, const Args& args) {
  const Peer::Held held = JsSide::of(env).instance(args.u32(0));
  if (held) held->attends.store(args.boolean(1), std::memory_order_release);
  return nullptr;
}

// revise(instance): whether a frame was taken back
napi_value revise(Env& env, const Args& args) {
  const Peer::Held held = JsSide::of(env).instance(args.u32(0));
  auto* source = held ? dynamic_cast<Source*>(held.get()) : nullptr;
  return js_bool(env.napi(), source != nullptr && source->revise());
}

// alloc(instance, bytes) -> ArrayBuffer over pooled memory
napi_value alloc(Env& env, const Args& args) {
  const auto size = static_cast<gsize>(args.number(1));
  const Peer::Held held = JsSide::of(env).instance(args.u32(0));
  GstBuffer* buffer = held && size > 0 ? held->pool.take(size) : nullptr;
  if (buffer == nullptr) return foreign_array(env.napi(), nullptr, 0);
  // Of no instance: what an author makes is his, it is not taken back with the input of old work.
  return Loan::lend(JsSide::of(env), buffer, GST_MAP_READWRITE, 0);
}

// release(ArrayBuffer): lent memory is not needed any more.
napi_value release(Env& env, const Args& args) {
  void* data = nullptr;
  size_t size = 0;
  if (napi_get_arraybuffer_info(env.napi(), args[0], &data, &size) != napi_ok) return nullptr;
  Loan* loan = Loan::find(JsSide::of(env), args[0], data);
  if (loan != nullptr) gst_buffer_unref(loan->take_back(env.napi(), args[0]));
  return nullptr;
}

// revoke(instance): all memory lent to it.
napi_value revoke(Env& env, const Args& args) {
  Loan::revoke_all(JsSide::of(env), args.u32(0));
  return nullptr;
}

// fail(instance, call | 0, domain, code, message, debug, details, retryable)
napi_value fail(Env& env, const Args& args) {
  JsSide& side = JsSide::of(env);
  if (const Peer::Held held = side.instance(args.u32(0))) {
    held->fail({args.string(2), args.string(3), args.string(4), args.string(5),
                js_to_structure(env.napi(), "talkgraph-error", args[6]), args.boolean(7)});
  }
  if (Call* call = find_call(side, args.u32(1))) call->settle(side, Outcome::kError);
  return nullptr;
}

// warn(instance, message)
napi_value warn(Env& env, const Args& args) {
  if (const Peer::Held held = JsSide::of(env).instance(args.u32(0))) held->warn(args.string(1));
  return nullptr;
}

// post(instance, name, fields): an element message on the bus.
napi_value post(Env& env, const Args& args) {
  const Peer::Held held = JsSide::of(env).instance(args.u32(0));
  GstStructure* structure = held ? js_to_structure(env.napi(), args.string(1).c_str(), args[2]) : nullptr;
  if (structure == nullptr) return nullptr;
  gst_element_post_message(held->gst(), gst_message_new_element(GST_OBJECT(held->gst()), structure));
  return nullptr;
}

// getProperty(instance, name)
napi_value get_property(Env& env, const Args& args) {
  const Peer::Held held = JsSide::of(env).instance(args.u32(0));
  const int index = held ? held->find_property(args.string(1).c_str()) : -1;
  if (index < 0) return nullptr;
  GValue value = G_VALUE_INIT;
  init_value(held->spec(), static_cast<size_t>(index), &value);
  held->get_property(static_cast<guint>(index), &value);
  napi_value js = gvalue_to_js(env.napi(), &value);
  g_value_unset(&value);
  return js;
}

// setProperty(instance, name, value) -> undefined, or what was expected instead. By the author, so without his own
// propertyChanged, and also while it cannot be set from outside.
napi_value set_property(Env& env, const Args& args) {
  const Peer::Held held = JsSide::of(env).instance(args.u32(0));
  const std::string name = args.string(1);
  const int index = held ? held->find_property(name.c_str()) : -1;
  if (index < 0) return nullptr;
  GParamSpec* pspec = g_object_class_find_property(G_OBJECT_GET_CLASS(held->gst()), name.c_str());
  GValue value = G_VALUE_INIT;
  const std::string expected = from_js(env.napi(), args[2], pspec->value_type, pspec, &value);
  if (expected.empty()) held->set_from_js(static_cast<guint>(index), &value);
  if (G_IS_VALUE(&value)) g_value_unset(&value);
  return expected.empty() ? nullptr : js_string(env.napi(), expected);
}

// setLatency(instance, min, max): answered to queries from now on; the pipeline asks again.
napi_value set_latency(Env& env, const Args& args) {
  const Peer::Held held = JsSide::of(env).instance(args.u32(0));
  if (!held) return nullptr;
  held->set_latency(js_to_time(env.napi(), args[1]), js_to_time(env.napi(), args[2]));
  return nullptr;
}

// setOutputCaps(instance, caps as text, otherwise?): with `otherwise` the src template stands in where they do not fit.
napi_value set_output_caps(Env& env, const Args& args) {
  const Peer::Held held = JsSide::of(env).instance(args.u32(0));
  GstCaps* caps = gst_caps_from_string(args.string(1).c_str());
  if (caps == nullptr) {
    js_throw(env.napi(), "\"" + args.string(1) + "\" are not caps");
    return nullptr;
  }
  if (held && args.boolean(2)) {
    GstPadTemplate* source = gst_element_class_get_pad_template(GST_ELEMENT_GET_CLASS(held->gst()), "src");
    GstCaps* allowed = gst_pad_template_get_caps(source);
    if (!gst_caps_can_intersect(caps, allowed)) {
      gst_caps_unref(caps);
      caps = gst_caps_ref(allowed);
    }
    gst_caps_unref(allowed);
  }
  if (held) held->set_output_caps(caps);
  gst_caps_unref(caps);
  return nullptr;
}

// capsProblem(text) -> undefined when the text is caps
napi_value caps_problem(Env& env, const Args& args) {
  GstCaps* caps = gst_caps_from_string(args.string(0).c_str());
  if (caps == nullptr) return js_string(env.napi(), "is not in the syntax of caps");
  const bool empty = gst_caps_is_empty(caps);
  gst_caps_unref(caps);
  return empty ? js_string(env.napi(), "lets nothing through") : nullptr;
}

// runningTime(instance) -> ns now, undefined when the clock does not run
napi_value running_time(Env& env, const Args& args) {
  const Peer::Held held = JsSide::of(env).instance(args.u32(0));
  if (!held || GST_STATE(held->gst()) != GST_STATE_PLAYING) return nullptr;
  GstClock* clock = gst_element_get_clock(held->gst());
  if (clock == nullptr) return nullptr;
  const GstClockTime now = gst_clock_get_time(clock);
  const GstClockTime base = gst_element_get_base_time(held->gst());
  gst_object_unref(clock);
  return time_to_js(env.napi(), now >= base ? now - base : GST_CLOCK_TIME_NONE);
}

// elementCounts() -> what is alive in this isolate; for leak tests.
napi_value element_counts(Env& env, const Args&) {
  JsSide& side = JsSide::of(env);
  napi_env napi = env.napi();
  napi_value counts = js_object(napi);
  js_set(napi, counts, "instances", js_number(napi, static_cast<double>(side.instances.size())));
  js_set(napi, counts, "calls", js_number(napi, static_cast<double>(side.calls.size())));
  js_set(napi, counts, "loans", js_number(napi, static_cast<double>(side.loans.size())));
  return counts;
}

// setDeadline(ms): how long start, stop and the like may take. For tests.
napi_value set_deadline(Env&, const Args& args) {
  Element::set_deadline(static_cast<int>(args.number(0)));
  return nullptr;
}

}  // namespace

void init_elements(Env& env, napi_value exports) {
  JsSide::open(env, exports);
  init_parts(env, exports);

  define<connect>(env, exports, "connect");
  define<register_element>(env, exports, "registerType");
  define<element_info>(env, exports, "elementInfo");
  define<complete>(env, exports, "complete");
  define<wanted>(env, exports, "wanted");
  define<extend_start>(env, exports, "extendStart");
  define<give>(env, exports, "give");
  define<give_event>(env, exports, "giveEvent");
  define<put>(env, exports, "put");
  define<end>(env, exports, "end");
  define<send>(env, exports, "send");
  define<put_event>(env, exports, "putEvent");
  define<take>(env, exports, "take");
  define<forward>(env, exports, "forward");
  define<attend>(env, exports, "attend");
  define<revise>(env, exports, "revise");
  define<alloc>(env, exports, "alloc");
  define<release>(env, exports, "release");
  define<revoke>(env, exports, "revoke");
  define<fail>(env, exports, "fail");
  define<warn>(env, exports, "warn");
  define<post>(env, exports, "post");
  define<get_property>(env, exports, "getProperty");
  define<set_property>(env, exports, "setProperty");
  define<set_latency>(env, exports, "setLatency");
  define<set_output_caps>(env, exports, "setOutputCaps");
  define<caps_problem>(env, exports, "capsProblem");
  define<running_time>(env, exports, "runningTime");
  define<element_counts>(env, exports, "elementCounts");
  define<set_deadline>(env, exports, "setDeadline");
}

}  // namespace talk
