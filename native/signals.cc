// JS listeners on signals of stock elements.
//
// A signal is emitted on whatever thread its element runs. Without a return value its arguments are copied,
// queued with a limit, and JS hears of it when it gets round to it. With one, or when the listener asked for it (a pad
// must be linked before data flows), the emitting thread waits for JS, but only until JS answered, the pipeline is
// asked to stop, the isolate ends, or a deadline passes.
#include "signals.h"

#include <chrono>
#include <deque>
#include <memory>
#include <mutex>
#include <vector>

#include "convert.h"
#include "emit.h"
#include "pipeline.h"

namespace talk {

namespace {

std::atomic<int> live{0};

// Emissions that may wait for JS per connection; beyond it the oldest is dropped and counted.
constexpr size_t kMostWaiting = 256;
// The longest an emitting thread waits for a return value.
constexpr auto kDeadline = std::chrono::seconds(10);

// Copies of a signal's arguments, without the emitter itself.
struct Emission {
  std::vector<GValue> values;
  Emission() = default;
  Emission(guint count, const GValue* from) {
    for (guint i = 1; i < count; i++) {
      values.push_back(G_VALUE_INIT);
      g_value_init(&values.back(), G_VALUE_TYPE(&from[i]));
      g_value_copy(&from[i], &values.back());
    }
  }
  Emission(Emission&&) = default;
  Emission& operator=(Emission&&) = default;
  ~Emission() {
    for (GValue& value : values) g_value_unset(&value);
  }
  napi_value to_array(napi_env napi) const {
    napi_value array = js_array(napi);
    for (const GValue& value : values) js_push(napi, array, to_js(napi, &value));
    return array;
  }
};

// One connection. The closure holds it, and so does whoever is on the way to JS with it.
struct Link final : Backlog, std::enable_shared_from_this<Link> {
  std::weak_ptr<Pipeline> pipeline;
  std::shared_ptr<Env> env;
  uint32_t id = 0;
  bool wait = false;
  std::atomic<bool> gone{false};
  std::mutex mutex;
  std::deque<Emission> waiting;
  size_t dropped = 0;
  bool armed = false;

  Link() { live++; }
  ~Link() override { live--; }

  void queue(Emission emission) {
    {
      std::lock_guard<std::mutex> lock(mutex);
      if (waiting.size() >= kMostWaiting) {
        waiting.pop_front();
        dropped++;
      }
      waiting.push_back(std::move(emission));
      if (std::exchange(armed, true)) return;
    }
    env->post_fn([self = shared_from_this()](Env&) { self->drain(); });
  }

  void hand_over() override { drain(); }

  // JS thread: dispatch('signal', id, {calls: [[args]], dropped}).
  void drain() {
    std::deque<Emission> batch;
    size_t lost = 0;
    {
      std::lock_guard<std::mutex> lock(mutex);
      batch.swap(waiting);
      lost = std::exchange(dropped, 0);
      armed = false;
    }
    const std::shared_ptr<Pipeline> owner = pipeline.lock();
    if (batch.empty() || owner == nullptr || owner->closed() || gone) return;
    napi_env napi = env->napi();
    napi_value calls = js_array(napi);
    for (const Emission& emission : batch) js_push(napi, calls, emission.to_array(napi));
    napi_value payload = js_object(napi);
    js_set(napi, payload, "calls", calls);
    js_set(napi, payload, "dropped", js_number(napi, static_cast<double>(lost)));
    owner->dispatch("signal", id, payload);
  }

  // JS thread: dispatch('ask', id, args), its result into `answer` when it fits.
  void ask(const Emission& emission, GValue* answer) {
    const std::shared_ptr<Pipeline> owner = pipeline.lock();
    if (owner == nullptr || owner->closed() || gone) return;
    napi_value result = owner->dispatch("ask", id, emission.to_array(env->napi()));
    if (result == nullptr || answer == nullptr || js_is_nullish(env->napi(), result)) return;
    GValue value = G_VALUE_INIT;
    if (from_js(env->napi(), result, G_VALUE_TYPE(answer), nullptr, &value).empty()) g_value_copy(&value, answer);
    if (G_IS_VALUE(&value)) g_value_unset(&value);
  }
};

// A question that one thread waits for and the JS thread answers, whichever lives longer.
struct Question {
  std::atomic<bool> done{false};
  Emission emission;
  GValue answer = G_VALUE_INIT;
  ~Question() {
    if (G_IS_VALUE(&answer)) g_value_unset(&answer);
  }
};

void ask_and_wait(const std::shared_ptr<Link>& link, guint count, const GValue* values, GValue* result) {
  const std::shared_ptr<Pipeline> pipeline = link->pipeline.lock();
  if (pipeline == nullptr) return;
  auto question = std::make_shared<Question>();
  question->emission = Emission(count, values);
  if (result != nullptr) {
    g_value_init(&question->answer, G_VALUE_TYPE(result));
    g_value_copy(result, &question->answer);
  }
  link->env->post_fn([link, question, pipeline](Env&) {
    link->ask(question->emission, G_IS_VALUE(&question->answer) ? &question->answer : nullptr);
    question->done = true;
    pipeline->wake();
  });
  const bool answered = pipeline->wait_for_js(question->done, kDeadline);
  if (answered && result != nullptr) g_value_copy(&question->answer, result);
}

struct Closure {
  GClosure base;
  std::shared_ptr<Link>* link;
};

void marshal(GClosure* closure, GValue* result, guint count, const GValue* values, gpointer, gpointer) {
  const std::shared_ptr<Link> link = *reinterpret_cast<Closure*>(closure)->link;
  if (link->gone || link->env->closed()) return;
  if (link->env->on_js_thread()) {
    napi_handle_scope scope = nullptr;
    napi_open_handle_scope(link->env->napi(), &scope);
    link->ask(Emission(count, values), result);
    napi_close_handle_scope(link->env->napi(), scope);
  } else if (result == nullptr && !link->wait) {
    link->queue(Emission(count, values));
  } else {
    ask_and_wait(link, count, values, result);
  }
}

void finalize(gpointer, GClosure* closure) {
  auto* link = reinterpret_cast<Closure*>(closure)->link;
  (*link)->gone = true;
  delete link;
}

// (pipeline, handle, signal, id, wait) -> handler number, 0 when the object has no such signal
napi_value signal_connect(Env& env, const Args& args) {
  Pipeline* pipeline = Pipeline::of(env.napi(), args[0]);
  const Strong<GObject> object(env.napi(), args[1]);
  guint signal = 0;
  GQuark detail = 0;
  if (pipeline == nullptr || !object ||
      !g_signal_parse_name(args.string(2).c_str(), G_OBJECT_TYPE(object.get()), &signal, &detail, TRUE))
    return js_number(env.napi(), 0);
  auto link = std::make_shared<Link>();
  link->pipeline = pipeline->weak_from_this();
  link->env = env.shared_from_this();
  link->id = args.u32(3);
  link->wait = args.boolean(4);
  pipeline->watch(link);
  GClosure* closure = g_closure_new_simple(sizeof(Closure), nullptr);
  reinterpret_cast<Closure*>(closure)->link = new std::shared_ptr<Link>(link);
  g_closure_set_marshal(closure, marshal);
  g_closure_add_finalize_notifier(closure, nullptr, finalize);
  const gulong handler = g_signal_connect_closure_by_id(object.get(), signal, detail, closure, FALSE);
  return js_number(env.napi(), static_cast<double>(handler));
}

// (handle, handler number)
napi_value signal_disconnect(Env& env, const Args& args) {
  const Strong<GObject> object(env.napi(), args[0]);
  const auto handler = static_cast<gulong>(args.number(1));
  if (object && g_signal_handler_is_connected(object.get(), handler)) g_signal_handler_disconnect(object.get(), handler);
  return nullptr;
}

}  // namespace

int signal_count() { return live; }

void init_signals(Env& env, napi_value exports) {
  define<signal_connect>(env, exports, "signalConnect");
  define<signal_disconnect>(env, exports, "signalDisconnect");
  init_emit(env, exports);
}

}  // namespace talk
