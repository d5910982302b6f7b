#include "edit.h"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "convert.h"
#include "parse.h"
#include "pipeline.h"

namespace talk {

namespace {

// The pipeline of argument 0, or null with an exception pending.
Pipeline* open_pipeline(Env& env, const Args& args) {
  Pipeline* pipeline = Pipeline::of(env.napi(), args[0]);
  if (pipeline != nullptr && !pipeline->closed()) return pipeline;
  js_throw(env.napi(), "the pipeline is closed");
  return nullptr;
}

// How long a removal waits for the data in its branch to pass.
constexpr auto kIdleWait = std::chrono::milliseconds(1000);

// Unlinks what feeds an element, each between two buffers: pushing into an element that goes to NULL would end the
// stream for everybody. Returns the far ends. A branch that stands still (paused, or waiting for its clock longer
// than that) is unlinked as it is.
std::vector<Strong<GstPad>> unlink_upstream(GstElement* element, Pipeline& pipeline) {
  struct Idle {
    std::shared_ptr<Pipeline> pipeline;
    std::atomic<bool> reached{false};
  };
  std::vector<Strong<GstPad>> peers;
  GST_OBJECT_LOCK(element);
  for (GList* at = element->sinkpads; at != nullptr; at = at->next) {
    GstPad* peer = gst_pad_get_peer(GST_PAD(at->data));
    if (peer != nullptr) peers.emplace_back(peer);
  }
  GST_OBJECT_UNLOCK(element);
  for (const Strong<GstPad>& peer : peers) {
    auto* idle = new std::shared_ptr<Idle>(std::make_shared<Idle>());
    (*idle)->pipeline = pipeline.shared_from_this();
    const std::shared_ptr<Idle> watch = *idle;
    const gulong probe = gst_pad_add_probe(
        peer.get(), GST_PAD_PROBE_TYPE_IDLE,
        [](GstPad* pad, GstPadProbeInfo*, gpointer data) {
          const std::shared_ptr<Idle> held = *static_cast<std::shared_ptr<Idle>*>(data);
          const Strong<GstPad> sink(gst_pad_get_peer(pad));
          if (sink) gst_pad_unlink(pad, sink.get());
          held->reached = true;
          held->pipeline->wake();
          return GST_PAD_PROBE_REMOVE;
        },
        idle, [](gpointer data) { delete static_cast<std::shared_ptr<Idle>*>(data); });
    if (GST_STATE(element) < GST_STATE_PLAYING || !pipeline.wait_for_js(watch->reached, kIdleWait)) {
      if (!watch->reached && probe != 0) gst_pad_remove_probe(peer.get(), probe);
      const Strong<GstPad> sink(gst_pad_get_peer(peer.get()));
      if (sink) gst_pad_unlink(peer.get(), sink.get());
    }
  }
  return peers;
}

// Gives a tee's or a mixer's pad back once nothing hangs on it.
void release_if_requested(GstPad* pad) {
  const Strong<GstElement> owner(gst_pad_get_parent_element(pad));
  GstPadTemplate* made_from = gst_pad_get_pad_template(pad);
  const bool requested = made_from != nullptr && GST_PAD_TEMPLATE_PRESENCE(made_from) == GST_PAD_REQUEST;
  if (made_from != nullptr) gst_object_unref(made_from);
  if (owner && requested) gst_element_release_request_pad(owner.get(), pad);
}

// One open end of the bin as a pad of the bin itself.
void show_open_end(GstBin* bin, GstPadDirection direction, const char* name) {
  const Strong<GstPad> open(gst_bin_find_unlinked_pad(bin, direction));
  if (open) gst_element_add_pad(GST_ELEMENT(bin), gst_ghost_pad_new(name, open.get()));
}

// A parsed fragment as it is added: one element by itself, several as a bin whose open ends are ghost pads.
// Takes and returns a full reference.
GstElement* unwrap(GstElement* parsed) {
  auto* bin = GST_BIN(gst_object_ref_sink(parsed));
  if (bin->numchildren == 1) {
    auto* only = GST_ELEMENT(gst_object_ref(bin->children->data));
    gst_bin_remove(bin, only);
    gst_object_unref(bin);
    return only;
  }
  show_open_end(bin, GST_PAD_SRC, "src");
  show_open_end(bin, GST_PAD_SINK, "sink");
  return GST_ELEMENT(bin);
}

// (pipeline, bin | null, fragment) -> {element} | {error}. It stays in NULL until synced.
napi_value edit_add(Env& env, const Args& args) {
  napi_env napi = env.napi();
  Pipeline* pipeline = open_pipeline(env, args);
  if (pipeline == nullptr) return nullptr;
  const Strong<GstBin> given(napi, args[1]);
  GstBin* bin = given ? given.get() : GST_BIN(pipeline->gst());
  GError* error = nullptr;
  GstParseContext* context = gst_parse_context_new();
  GstElement* parsed =
      gst_parse_bin_from_description_full(args.string(2).c_str(), FALSE, context, GST_PARSE_FLAG_FATAL_ERRORS, &error);
  const Strong<GstElement> made(parsed != nullptr ? unwrap(parsed) : nullptr);
  if (error == nullptr && made && !gst_bin_add(bin, made.get()))
    g_set_error(&error, GST_CORE_ERROR, GST_CORE_ERROR_FAILED, "there is an element named \"%s\" already",
                GST_OBJECT_NAME(made.get()));
  napi_value result = nullptr;
  if (error != nullptr || !made) {
    result = parse_error_to_js(napi, error, context);
  } else {
    result = js_object(napi);
    js_set(napi, result, "element", handle_to_js(napi, G_OBJECT(made.get())));
  }
  g_clear_error(&error);
  gst_parse_context_free(context);
  return result;
}

// (pipeline, handle) -> Promise<boolean>: brings an added element to the state of its bin.
napi_value edit_sync(Env& env, const Args& args) {
  Pipeline* pipeline = open_pipeline(env, args);
  if (pipeline == nullptr) return nullptr;
  const Strong<GstElement> element(env.napi(), args[1]);
  return pipeline->run(
      Lane::kEvent,
      [element](GstElement*) -> bool { return element && gst_element_sync_state_with_parent(element.get()); },
      [](Env& env, bool done) { return js_bool(env.napi(), done); });
}

// (pipeline, handle, state) -> Promise<boolean>: one element's own state, locked against its bin's.
napi_value edit_state(Env& env, const Args& args) {
  Pipeline* pipeline = open_pipeline(env, args);
  if (pipeline == nullptr) return nullptr;
  const Strong<GstElement> element(env.napi(), args[1]);
  const auto state = static_cast<GstState>(args.u32(2));
  return pipeline->run(
      Lane::kEvent,
      [element, state](GstElement*) -> bool {
        return element && gst_element_set_state(element.get(), state) != GST_STATE_CHANGE_FAILURE;
      },
      [](Env& env, bool done) { return js_bool(env.napi(), done); });
}

// (pipeline, handle) -> Promise<boolean>: out of its bin (which unlinks it), NULL, gone. The other ends of its links
// that were requested from a tee or a mixer are released.
napi_value edit_remove(Env& env, const Args& args) {
  Pipeline* pipeline = open_pipeline(env, args);
  if (pipeline == nullptr) return nullptr;
  Strong<GstElement> element(env.napi(), args[1]);
  return pipeline->run(
      Lane::kEvent,
      [element = std::move(element), self = pipeline->shared_from_this()](GstElement*) mutable -> bool {
        const Strong<GstElement> taken = std::move(element);
        if (!taken) return false;
        const Strong<GstObject> bin(gst_object_get_parent(GST_OBJECT(taken.get())));
        if (!bin) return false;
        const std::vector<Strong<GstPad>> peers = unlink_upstream(taken.get(), *self);
        // Locked, so that a state change of the bin does not start it again half way.
        gst_element_set_locked_state(taken.get(), TRUE);
        gst_element_set_state(taken.get(), GST_STATE_NULL);
        const bool removed = gst_bin_remove(GST_BIN(bin.get()), taken.get());
        for (const Strong<GstPad>& peer : peers) release_if_requested(peer.get());
        return removed;
      },
      [](Env& env, bool done) { return js_bool(env.napi(), done); });
}

}  // namespace

void init_edit(Env& env, napi_value exports) {
  define<edit_add>(env, exports, "editAdd");
  define<edit_sync>(env, exports, "editSync");
  define<edit_state>(env, exports, "editState");
  define<edit_remove>(env, exports, "editRemove");
  init_pads(env, exports);
  init_meters(env, exports);
  init_events(env, exports);
}

}  // namespace talk
