// Action signals from JS. `signalEmit` runs here and now, for those that only note something down (say, cut,
// force-key-unit); `signalEmitAsync` runs on a thread that may wait (pull-sample). A GstPromise among the
// arguments becomes a JS promise.
#include "emit.h"

#include <memory>
#include <string>
#include <vector>

#include "convert.h"
#include "pipeline.h"

namespace talk {

namespace {

// A signal call made ready on the JS thread: emitter and arguments, and room for the result.
struct Call {
  guint signal = 0;
  GQuark detail = 0;
  GSignalQuery query{};
  std::vector<GValue> values;
  GValue result = G_VALUE_INIT;
  bool emitted = false;

  Call() = default;
  Call(const Call&) = delete;
  Call& operator=(const Call&) = delete;
  ~Call() {
    for (GValue& value : values) {
      if (!G_IS_VALUE(&value)) continue;
      // A GstPromise must not be dropped undecided.
      if (!emitted && G_VALUE_HOLDS(&value, GST_TYPE_PROMISE))
        gst_promise_expire(static_cast<GstPromise*>(g_value_get_boxed(&value)));
      g_value_unset(&value);
    }
    if (G_IS_VALUE(&result)) g_value_unset(&result);
  }
  GType type(guint i) const { return query.param_types[i] & ~G_SIGNAL_TYPE_STATIC_SCOPE; }
  GType return_type() const { return query.return_type & ~G_SIGNAL_TYPE_STATIC_SCOPE; }
  void emit() {
    emitted = true;
    if (return_type() != G_TYPE_NONE) g_value_init(&result, return_type());
    g_signal_emitv(values.data(), signal, detail, G_IS_VALUE(&result) ? &result : nullptr);
  }
};

void free_structure(GstStructure* structure) {
  if (structure != nullptr) gst_structure_free(structure);
}

void settle_reply(Deferred& deferred, const std::shared_ptr<GstStructure>& reply, bool replied) {
  deferred.settle([reply, replied](Env& env) -> napi_value {
    napi_value object = js_object(env.napi());
    js_set(env.napi(), object, "replied", js_bool(env.napi(), replied));
    js_set(env.napi(), object, "fields", fields_to_js(env.napi(), reply.get()));
    return object;
  });
}

// The reply of a GstPromise, on whatever thread its element answers.
void on_reply(GstPromise* promise, gpointer data) {
  const auto deferred = *static_cast<std::shared_ptr<Deferred>*>(data);
  const GstPromiseResult outcome = gst_promise_wait(promise);  // has been decided: does not block
  const GstStructure* reply = outcome == GST_PROMISE_RESULT_REPLIED ? gst_promise_get_reply(promise) : nullptr;
  std::shared_ptr<GstStructure> copy(reply != nullptr ? gst_structure_copy(reply) : nullptr, free_structure);
  settle_reply(*deferred, copy, outcome == GST_PROMISE_RESULT_REPLIED);
}

// Nobody holds the GstPromise any more. After a reply this changes nothing; an element that forgot to answer must
// not leave JS waiting.
void on_forgotten(gpointer data) {
  auto* deferred = static_cast<std::shared_ptr<Deferred>*>(data);
  settle_reply(**deferred, nullptr, false);
  delete deferred;
}

napi_value refuse(napi_env napi, const char* status, const std::string& expected) {
  napi_value object = js_object(napi);
  js_set(napi, object, "status", js_string(napi, status));
  js_set(napi, object, "expected", js_string(napi, expected));
  return object;
}

// Reads (handle, signal, [args]); on success `refusal` stays null. `promise` is set when the signal replies by one.
std::shared_ptr<Call> prepare(Env& env, napi_value handle, const std::string& name, napi_value list,
                              napi_value* refusal, napi_value* promise) {
  napi_env napi = env.napi();
  const Strong<GObject> object(napi, handle);
  auto call = std::make_shared<Call>();
  if (!object) {
    *refusal = refuse(napi, "gone", "");
    return nullptr;
  }
  if (!g_signal_parse_name(name.c_str(), G_OBJECT_TYPE(object.get()), &call->signal, &call->detail, FALSE)) {
    *refusal = refuse(napi, "missing", "");
    return nullptr;
  }
  g_signal_query(call->signal, &call->query);
  if ((call->query.signal_flags & G_SIGNAL_ACTION) == 0) {
    *refusal = refuse(napi, "not-an-action", "");
    return nullptr;
  }
  uint32_t given = 0;
  napi_get_array_length(napi, list, &given);
  call->values.reserve(call->query.n_params + 1);
  call->values.push_back(G_VALUE_INIT);
  g_value_init(&call->values[0], G_OBJECT_TYPE(object.get()));
  g_value_set_object(&call->values[0], object.get());
  for (guint i = 0; i < call->query.n_params; i++) {
    napi_value value = js_undefined(napi);
    if (i < given) napi_get_element(napi, list, i, &value);
    call->values.push_back(G_VALUE_INIT);
    GValue& out = call->values.back();
    if (call->type(i) == GST_TYPE_PROMISE && js_is_nullish(napi, value)) {
      auto* held = new std::shared_ptr<Deferred>(Deferred::make(env, promise));
      g_value_init(&out, GST_TYPE_PROMISE);
      g_value_take_boxed(&out, gst_promise_new_with_change_func(on_reply, held, on_forgotten));
      continue;
    }
    const std::string expected = from_js(napi, value, call->type(i), nullptr, &out);
    if (expected.empty()) continue;
    *refusal = refuse(napi, "expected", expected);
    js_set(napi, *refusal, "index", js_number(napi, i));
    return nullptr;
  }
  return call;
}

napi_value outcome_of(napi_env napi, const Call& call) {
  napi_value object = js_object(napi);
  js_set(napi, object, "status", js_string(napi, "ok"));
  if (G_IS_VALUE(&call.result)) js_set(napi, object, "value", to_js(napi, &call.result));
  return object;
}

// (handle, signal, [args]) -> {status, value?, reply?: Promise<{replied, fields}>}
napi_value signal_emit(Env& env, const Args& args) {
  napi_value refusal = nullptr;
  napi_value promise = nullptr;
  const auto call = prepare(env, args[0], args.string(1), args[2], &refusal, &promise);
  if (call == nullptr) return refusal;
  call->emit();
  napi_value outcome = outcome_of(env.napi(), *call);
  js_set(env.napi(), outcome, "reply", promise);
  return outcome;
}

// (handle, signal, [args]) -> {status} when refused, else {status, later: Promise<{status, value?}>, reply?}
napi_value signal_emit_async(Env& env, const Args& args) {
  napi_value refusal = nullptr;
  napi_value reply = nullptr;
  const auto call = prepare(env, args[0], args.string(1), args[2], &refusal, &reply);
  if (call == nullptr) return refusal;
  napi_value promise = nullptr;
  const std::shared_ptr<Deferred> deferred = Deferred::make(env, &promise);
  if (deferred == nullptr) return nullptr;
  ControlPool::waits().run([call, deferred] {
    call->emit();
    deferred->settle([call](Env& env) { return outcome_of(env.napi(), *call); });
  });
  napi_value outcome = js_object(env.napi());
  js_set(env.napi(), outcome, "status", js_string(env.napi(), "ok"));
  js_set(env.napi(), outcome, "later", promise);
  js_set(env.napi(), outcome, "reply", reply);
  return outcome;
}

}  // namespace

void init_emit(Env& env, napi_value exports) {
  define<signal_emit>(env, exports, "signalEmit");
  define<signal_emit_async>(env, exports, "signalEmitAsync");
}

}  // namespace talk
