// Pads: what they are, linking them, and holding them still while a pipeline is changed.
#include <memory>
#include <mutex>
#include <string>
#include <utility>

#include "convert.h"
#include "edit.h"
#include "pipeline.h"

namespace talk {

namespace {

napi_value caps_text(napi_env napi, GstCaps* taken) {
  if (taken == nullptr) return js_null(napi);
  gchar* text = gst_caps_to_string(taken);
  napi_value result = js_string(napi, text);
  g_free(text);
  gst_caps_unref(taken);
  return result;
}

// {name, direction, presence, template, caps, peer, path} or null when the pad is gone. `caps` is what flows now.
napi_value pad_info(Env& env, const Args& args) {
  napi_env napi = env.napi();
  const Strong<GstPad> pad(napi, args[0]);
  if (!pad) return js_null(napi);
  static const char* const presence[] = {"always", "sometimes", "request"};
  napi_value info = js_object(napi);
  js_set(napi, info, "name", js_string(napi, GST_PAD_NAME(pad.get())));
  js_set(napi, info, "direction", js_string(napi, GST_PAD_IS_SRC(pad.get()) ? "src" : "sink"));
  GstPadTemplate* made_from = gst_pad_get_pad_template(pad.get());
  if (made_from != nullptr) {
    js_set(napi, info, "template", js_string(napi, GST_PAD_TEMPLATE_NAME_TEMPLATE(made_from)));
    js_set(napi, info, "presence", js_string(napi, presence[GST_PAD_TEMPLATE_PRESENCE(made_from)]));
    gst_object_unref(made_from);
  }
  js_set(napi, info, "caps", caps_text(napi, gst_pad_get_current_caps(pad.get())));
  const Strong<GstPad> peer(gst_pad_get_peer(pad.get()));
  js_set(napi, info, "peer", handle_to_js(napi, G_OBJECT(peer.get())));
  return info;
}

// (element, name): a pad that exists; null otherwise.
napi_value pad_get(Env& env, const Args& args) {
  const Strong<GstElement> element(env.napi(), args[0]);
  if (!element) return js_null(env.napi());
  const Strong<GstPad> pad(gst_element_get_static_pad(element.get(), args.string(1).c_str()));
  return handle_to_js(env.napi(), G_OBJECT(pad.get()));
}

// (element, template or name): a new request pad; null when the element has none to give.
napi_value pad_request(Env& env, const Args& args) {
  const Strong<GstElement> element(env.napi(), args[0]);
  if (!element) return js_null(env.napi());
  const Strong<GstPad> pad(gst_element_request_pad_simple(element.get(), args.string(1).c_str()));
  return handle_to_js(env.napi(), G_OBJECT(pad.get()));
}

// (pipeline, pad) -> Promise<boolean>
napi_value pad_release(Env& env, const Args& args) {
  Pipeline* pipeline = Pipeline::of(env.napi(), args[0]);
  if (pipeline == nullptr || pipeline->closed()) return nullptr;
  Strong<GstPad> pad(env.napi(), args[1]);
  return pipeline->run(
      Lane::kEvent,
      [pad = std::move(pad)](GstElement*) -> bool {
        const Strong<GstElement> owner(pad ? gst_pad_get_parent_element(pad.get()) : nullptr);
        if (owner) gst_element_release_request_pad(owner.get(), pad.get());
        return static_cast<bool>(owner);
      },
      [](Env& env, bool done) { return js_bool(env.napi(), done); });
}

// (from, to, fromPad | undefined, toPad | undefined, caps | undefined) -> true, or text why not. As a launch line
// links: request pads and ghost pads are made where needed.
napi_value element_link(Env& env, const Args& args) {
  napi_env napi = env.napi();
  const Strong<GstElement> from(napi, args[0]);
  const Strong<GstElement> to(napi, args[1]);
  if (!from || !to) return js_string(napi, "one of them is not in a pipeline any more");
  const std::string from_pad = args.string(2);
  const std::string to_pad = args.string(3);
  GstCaps* caps = args.given(4) ? gst_caps_from_string(args.string(4).c_str()) : nullptr;
  if (args.given(4) && caps == nullptr) return js_string(napi, "\"" + args.string(4) + "\" are no caps");
  const bool linked = gst_element_link_pads_filtered(from.get(), args.given(2) ? from_pad.c_str() : nullptr, to.get(),
                                                     args.given(3) ? to_pad.c_str() : nullptr, caps);
  if (caps != nullptr) gst_caps_unref(caps);
  return linked ? js_bool(napi, true) : js_string(napi, "no pads of theirs are free and have caps in common");
}

// (src pad, sink pad) -> GstPadLinkReturn's nick
napi_value pad_link(Env& env, const Args& args) {
  const Strong<GstPad> from(env.napi(), args[0]);
  const Strong<GstPad> to(env.napi(), args[1]);
  if (!from || !to) return js_string(env.napi(), "gone");
  const GstPadLinkReturn result = gst_pad_link(from.get(), to.get());
  return js_string(env.napi(), result == GST_PAD_LINK_OK ? "ok" : gst_pad_link_get_name(result));
}

napi_value pad_unlink(Env& env, const Args& args) {
  const Strong<GstPad> pad(env.napi(), args[0]);
  const Strong<GstPad> peer(pad ? gst_pad_get_peer(pad.get()) : nullptr);
  if (!peer) return js_bool(env.napi(), false);
  const bool src = GST_PAD_IS_SRC(pad.get());
  return js_bool(env.napi(), gst_pad_unlink(src ? pad.get() : peer.get(), src ? peer.get() : pad.get()));
}

// A pad that JS holds still; shared by the external and the probes. An idle probe alone holds nothing once its
// callback is over: the block that follows is added inside it, where no data can slip by.
struct Block {
  explicit Block(GstPad* pad) { g_weak_ref_init(&ref, pad); }
  ~Block() { g_weak_ref_clear(&ref); }
  GWeakRef ref;
  std::shared_ptr<Deferred> deferred;
  std::mutex mutex;
  gulong idle = 0;
  gulong block = 0;
  bool released = false;

  void settle(bool reached) {
    deferred->settle([reached](Env& env) { return js_bool(env.napi(), reached); });
  }
};

using SharedBlock = std::shared_ptr<Block>;

void free_block(gpointer data) { delete static_cast<SharedBlock*>(data); }

GstPadProbeReturn on_block(GstPad*, GstPadProbeInfo*, gpointer data) {
  (*static_cast<SharedBlock*>(data))->settle(true);
  return GST_PAD_PROBE_OK;
}

gulong add_block(GstPad* pad, const SharedBlock& block) {
  return gst_pad_add_probe(pad, GST_PAD_PROBE_TYPE_BLOCK_DOWNSTREAM, on_block, new SharedBlock(block), free_block);
}

GstPadProbeReturn on_idle(GstPad* pad, GstPadProbeInfo*, gpointer data) {
  const SharedBlock block = *static_cast<SharedBlock*>(data);
  const std::lock_guard<std::mutex> lock(block->mutex);
  if (!block->released) block->block = add_block(pad, block);
  block->settle(!block->released);
  return GST_PAD_PROBE_REMOVE;
}

// Lets the pad move again; who still waits for it to be blocked is told that it never was.
void unblock(const SharedBlock& block) {
  const Strong<GstPad> pad(static_cast<GstPad*>(g_weak_ref_get(&block->ref)));
  gulong probes[2];
  {
    const std::lock_guard<std::mutex> lock(block->mutex);
    block->released = true;
    probes[0] = std::exchange(block->idle, 0);
    probes[1] = std::exchange(block->block, 0);
  }
  for (const gulong probe : probes)
    if (pad && probe != 0) gst_pad_remove_probe(pad.get(), probe);
  block->settle(false);
}

// (pad, 'idle' | 'block') -> {block, blocked: Promise<boolean>}: true once nothing moves through the pad, false when
// it was let go before that.
napi_value pad_block(Env& env, const Args& args) {
  napi_env napi = env.napi();
  const Strong<GstPad> pad(napi, args[0]);
  if (!pad) return js_null(napi);
  napi_value promise = nullptr;
  const SharedBlock block = std::make_shared<Block>(pad.get());
  block->deferred = Deferred::make(env, &promise);
  if (args.string(1) == "idle") {
    // An idle pad is held before this returns, and its probe is gone again: then the number is 0.
    const gulong probe =
        gst_pad_add_probe(pad.get(), GST_PAD_PROBE_TYPE_IDLE, on_idle, new SharedBlock(block), free_block);
    const std::lock_guard<std::mutex> lock(block->mutex);
    if (block->block == 0) block->idle = probe;
  } else {
    const gulong probe = add_block(pad.get(), block);
    const std::lock_guard<std::mutex> lock(block->mutex);
    block->block = probe;
  }
  napi_value external = nullptr;
  napi_create_external(
      napi, new SharedBlock(block),
      [](napi_env, void* data, void*) {
        unblock(*static_cast<SharedBlock*>(data));
        free_block(data);
      },
      nullptr, &external);
  napi_value result = js_object(napi);
  js_set(napi, result, "block", external);
  js_set(napi, result, "blocked", promise);
  return result;
}

napi_value pad_unblock(Env& env, const Args& args) {
  void* data = nullptr;
  if (napi_get_value_external(env.napi(), args[0], &data) == napi_ok && data != nullptr)
    unblock(*static_cast<SharedBlock*>(data));
  return nullptr;
}

}  // namespace

void init_pads(Env& env, napi_value exports) {
  define<pad_info>(env, exports, "padInfo");
  define<pad_get>(env, exports, "padGet");
  define<pad_request>(env, exports, "padRequest");
  define<pad_release>(env, exports, "padRelease");
  define<pad_link>(env, exports, "padLink");
  define<pad_unlink>(env, exports, "padUnlink");
  define<pad_block>(env, exports, "padBlock");
  define<pad_unblock>(env, exports, "padUnblock");
  define<element_link>(env, exports, "elementLink");
}

}  // namespace talk
