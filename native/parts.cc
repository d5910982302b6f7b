// What JS can do inside its bins and with its mixers: children are ordinary handles (handle.h), so the functions for
// properties, links and signals of handles work with them, too.
#include "parts.h"

#include "bin.h"
#include "element.h"
#include "handle.h"
#include "js.h"
#include "mixer.h"
#include "parse.h"
#include "pipe.h"
#include "types.h"

namespace talk {

namespace {

// binAdd(instance, fragment, name?) -> {element} | {error}. One element stays itself, several become a bin with their
// open ends as pads.
napi_value bin_add(Env& env, const Args& args) {
  napi_env napi = env.napi();
  const Peer::Held held = JsSide::of(env).instance(args.u32(0));
  if (!held) {
    js_throw(napi, "the bin is gone");
    return nullptr;
  }
  GError* error = nullptr;
  GstParseContext* context = gst_parse_context_new();
  const auto flags = static_cast<GstParseFlags>(GST_PARSE_FLAG_FATAL_ERRORS | GST_PARSE_FLAG_NO_SINGLE_ELEMENT_BINS);
  GstElement* parsed = gst_parse_bin_from_description_full(args.string(1).c_str(), TRUE, context, flags, &error);
  const Strong<GstElement> made(parsed != nullptr ? GST_ELEMENT(gst_object_ref_sink(parsed)) : nullptr);
  if (error == nullptr && made) {
    if (args.given(2)) gst_object_set_name(GST_OBJECT(made.get()), args.string(2).c_str());
    if (!gst_bin_add(GST_BIN(held->gst()), made.get()))
      g_set_error(&error, GST_CORE_ERROR, GST_CORE_ERROR_FAILED, "there is an element named \"%s\" already",
                  GST_OBJECT_NAME(made.get()));
  }
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

// binAddStock(instance, factory, name?) -> handle of the stock element whose name one of ours has taken; null where it
// is not installed
napi_value bin_add_stock(Env& env, const Args& args) {
  napi_env napi = env.napi();
  const Peer::Held held = JsSide::of(env).instance(args.u32(0));
  if (!held) return js_null(napi);
  const std::string factory = args.string(1);
  GstElementFactory* stock = shadowed_factory(factory);
  const std::string name = args.string(2);
  const char* wanted = name.empty() ? nullptr : name.c_str();
  GstElement* made = nullptr;
  if (stock != nullptr) {
    made = gst_element_factory_create(stock, wanted);
  } else if (!is_ours(factory)) {  // else it would be ours inside ours, endlessly
    made = gst_element_factory_make(factory.c_str(), wanted);
  }
  if (made == nullptr) return js_null(napi);
  gst_object_ref_sink(made);
  napi_value handle = nullptr;
  if (gst_bin_add(GST_BIN(held->gst()), made)) {
    handle = handle_to_js(napi, G_OBJECT(made));
  } else {
    js_throw(napi, std::string("there is an element named \"") + GST_OBJECT_NAME(made) + "\" already");
  }
  gst_object_unref(made);
  return handle;
}

// binTarget(instance, pad, child, pad of the child | '') -> undefined, or why not
napi_value bin_target(Env& env, const Args& args) {
  const Peer::Held held = JsSide::of(env).instance(args.u32(0));
  auto* bin = held ? dynamic_cast<Bin*>(held.get()) : nullptr;
  const Strong<GstElement> child(env.napi(), args[2]);
  if (bin == nullptr || !child) return js_string(env.napi(), "it is gone");
  const std::string problem = bin->target(args.string(1), child.get(), args.string(3));
  return problem.empty() ? nullptr : js_string(env.napi(), problem);
}

// binLend(instance, child): the child has the properties that the bin has from a stock element
napi_value bin_lend(Env& env, const Args& args) {
  const Peer::Held held = JsSide::of(env).instance(args.u32(0));
  auto* bin = held ? dynamic_cast<Bin*>(held.get()) : nullptr;
  const Strong<GObject> child(env.napi(), args[1]);
  if (bin != nullptr && child) bin->lend(child.get());
  return nullptr;
}

// partTakes(element, caps, loosely): what these caps describe may enter by the pad `sink`; loosely: something that they
// describe, after a negotiation
napi_value part_takes(Env& env, const Args& args) {
  const Strong<GstElement> element(env.napi(), args[0]);
  GstCaps* caps = gst_caps_from_string(args.string(1).c_str());
  bool takes = false;
  if (element && caps != nullptr) {
    const Strong<GstPad> pad(gst_element_get_static_pad(element.get(), "sink"));
    if (pad && args.boolean(2)) {
      GstCaps* possible = gst_pad_query_caps(pad.get(), caps);
      takes = !gst_caps_is_empty(possible);
      gst_caps_unref(possible);
    } else {
      takes = pad && gst_pad_query_accept_caps(pad.get(), caps);
    }
  }
  if (caps != nullptr) gst_caps_unref(caps);
  return js_bool(env.napi(), takes);
}

// padNames(instance) -> names of all pads there are
napi_value pad_names(Env& env, const Args& args) {
  napi_env napi = env.napi();
  napi_value names = js_array(napi);
  const Peer::Held held = JsSide::of(env).instance(args.u32(0));
  if (!held) return names;
  GST_OBJECT_LOCK(held->gst());
  for (GList* item = held->gst()->pads; item != nullptr; item = item->next) {
    js_push(napi, names, js_string(napi, GST_PAD_NAME(item->data)));
  }
  GST_OBJECT_UNLOCK(held->gst());
  return names;
}

// elementHandle(instance) -> handle of the element itself
napi_value element_handle(Env& env, const Args& args) {
  const Peer::Held held = JsSide::of(env).instance(args.u32(0));
  return held ? handle_to_js(env.napi(), G_OBJECT(held->gst())) : js_null(env.napi());
}

// elementId(handle) -> instance number when it is one of ours in this isolate, else 0
napi_value element_id(Env& env, const Args& args) {
  const Strong<GObject> object(env.napi(), args[0]);
  Element* element = object && GST_IS_ELEMENT(object.get()) ? Element::of_any(object.get()) : nullptr;
  const bool ours = element != nullptr && element->env().get() == &env;
  return js_number(env.napi(), ours ? element->id() : 0);
}

// pipeLevels(instance) -> {in, out, inLimit, outLimit} in buffers; null for what is no pipe.
napi_value pipe_levels(Env& env, const Args& args) {
  napi_env napi = env.napi();
  const Peer::Held held = JsSide::of(env).instance(args.u32(0));
  auto* pipe = held ? dynamic_cast<Pipe*>(held.get()) : nullptr;
  if (pipe == nullptr) return js_null(napi);
  guint in = 0;
  guint out = 0;
  pipe->levels(&in, &out);
  napi_value levels = js_object(napi);
  js_set(napi, levels, "in", js_number(napi, in));
  js_set(napi, levels, "out", js_number(napi, out));
  js_set(napi, levels, "inLimit", js_number(napi, pipe->spec().queue_in));
  js_set(napi, levels, "outLimit", js_number(napi, pipe->spec().queue_out));
  return levels;
}

// lateFrames(instance) of a mixer
napi_value late_frames(Env& env, const Args& args) {
  const Peer::Held held = JsSide::of(env).instance(args.u32(0));
  auto* mixer = held ? dynamic_cast<Mixer*>(held.get()) : nullptr;
  return js_number(env.napi(), mixer != nullptr ? static_cast<double>(mixer->late()) : 0);
}

// shadows(name) -> a stock element of this name stands behind ours
napi_value shadows(Env& env, const Args& args) {
  return js_bool(env.napi(), shadowed_factory(args.string(0)) != nullptr);
}

}  // namespace

void init_parts(Env& env, napi_value exports) {
  define<bin_add>(env, exports, "binAdd");
  define<bin_add_stock>(env, exports, "binAddStock");
  define<bin_target>(env, exports, "binTarget");
  define<bin_lend>(env, exports, "binLend");
  define<part_takes>(env, exports, "partTakes");
  define<pad_names>(env, exports, "padNames");
  define<element_handle>(env, exports, "elementHandle");
  define<element_id>(env, exports, "elementId");
  define<pipe_levels>(env, exports, "pipeLevels");
  define<late_frames>(env, exports, "lateFrames");
  define<shadows>(env, exports, "shadows");
}

}  // namespace talk
