// How a thread asks JS and waits, and how JS is told something.
#include <algorithm>
#include <chrono>

#include "element.h"
#include "js.h"
#include "value.h"

namespace talk {

namespace {

std::atomic<int> deadline_ms{10000};
// `start` reads models and avatars from disk, and puts weights on a GPU: on a busy machine that is no matter of seconds.
constexpr int kStartDeadlines = 6;

// When JS last let this thread go on; ns of the steady clock.
thread_local int64_t let_go = 0;

struct CallTask final : Task {
  CallTask(Call* c, uint32_t instance) : call(c) {
    c->ref();
    from = instance;
    if (let_go != 0) after = steady_ns() - let_go;
  }
  ~CallTask() override { call->unref(); }
  void run(Env& env) override { call->run(env); }
  Call* call;
};

// Something told: it carries the instance's number only, the instance may be gone when it is delivered.
struct TellTask final : Task {
  TellTask(Op o, uint32_t i, std::string t, double n, GstStructure* s)
      : op(o), instance(i), text(std::move(t)), number(n), structure(s) {
    from = i;
  }
  ~TellTask() override {
    if (structure != nullptr) gst_structure_free(structure);
  }
  void run(Env& env) override {
    napi_env napi = env.napi();
    if (op == Op::kDestroy) JsSide::of(env).instances.erase(instance);
    napi_value argv[6] = {js_number(napi, static_cast<int>(op)), js_number(napi, instance), js_number(napi, 0),
                          js_string(napi, text), js_number(napi, number), js_undefined(napi)};
    if (structure != nullptr) argv[5] = structure_to_js(napi, structure);
    if (op == Op::kEvent) {
      argv[4] = js_string(napi, gst_structure_get_name(structure));
      JsSide::of(env).header[slot::kFlags] = number;
    }
    env.call(JsEntry::kElements, 6, argv);
  }
  Op op;
  uint32_t instance;
  std::string text;
  double number;
  GstStructure* structure;
};

const char* name_of(Op op) {
  switch (op) {
    case Op::kConstruct: return "the constructor";
    case Op::kStart: return "start()";
    case Op::kStop: return "stop()";
    case Op::kBuild: return "build()";
    default: return "the method";
  }
}

}  // namespace

GstFlowReturn to_flow(Outcome outcome) {
  switch (outcome) {
    case Outcome::kOk:
    case Outcome::kDrop: return GST_FLOW_OK;
    case Outcome::kEos: return GST_FLOW_EOS;
    case Outcome::kFlushing: return GST_FLOW_FLUSHING;
    default: return GST_FLOW_ERROR;
  }
}

void Element::set_deadline(int milliseconds) { deadline_ms = milliseconds; }

Outcome Element::ask(Call* call, bool data, bool keep) {
  Outcome outcome = Outcome::kFlushing;
  if (failed() && data) {
    outcome = Outcome::kError;
  } else if (env_ == nullptr || env_->closed()) {
    outcome = Outcome::kFlushing;
  } else if (env_->on_js_thread()) {
    call->inline_run = true;
    napi_handle_scope scope;
    if (napi_open_handle_scope(env_->napi(), &scope) == napi_ok) {
      call->run(*env_);
      napi_close_handle_scope(env_->napi(), scope);
    }
    outcome = call->outcome == Outcome::kPending ? Outcome::kError : call->outcome.load();
  } else if (post(call)) {
    outcome = wait(call, data);
  }
  if (!keep) call->unref();
  return outcome;
}

bool Element::post(Call* call) { return env_->post(std::unique_ptr<Task>(new CallTask(call, id_))); }

// Flush, stop and close are not looked for: this is over sooner than they could wake a thread.
bool Element::look_for_answer(const Call* call) {
  return spin_.pays() &&
         spin_.until([call] { return call->outcome.load(std::memory_order_acquire) != Outcome::kPending; });
}

void Element::learn(const Call& call) {
  spin_.took(call.took);
  let_go = steady_ns();
}

Outcome Element::wait(Call* call, bool data) {
  const Outcome outcome = data && look_for_answer(call) ? call->outcome.load() : sleep(call, data);
  if (call->outcome.load(std::memory_order_acquire) != Outcome::kPending) learn(*call);
  return outcome;
}

Outcome Element::sleep(Call* call, bool data) {
  const bool starts = call->op == Op::kStart;
  const int64_t began = steady_ns();
  const int64_t patience = int64_t{deadline_ms.load()} * 1'000'000 * (starts ? kStartDeadlines : 1);
  bool late = false;
  {
    std::unique_lock<std::mutex> lock(mutex_);
    const auto over = [&] {
      return env_->closed() || (data && (flushing_ || yields(*call))) || (starts && !may_start_);
    };
    // Anew each time: what starts may have said that it needs longer.
    const auto until = [&] {
      const int64_t ns = starts ? std::max(began + patience, start_until_) : began + patience;
      return std::chrono::steady_clock::time_point(std::chrono::nanoseconds(ns));
    };
    const auto stale = [&] { return call->epoch != nullptr && call->epoch->stale(); };
    while (call->outcome == Outcome::kPending && !over() && !stale() && !(data && wanted(*call))) {
      if (data) {
        cond_.wait(lock);
      } else if (cond_.wait_until(lock, until()) == std::cv_status::timeout) {
        late = call->outcome == Outcome::kPending && !over() && std::chrono::steady_clock::now() >= until();
        if (late) break;
      }
    }
    if (call->outcome != Outcome::kPending) return call->outcome;
    if (!late && !over() && !stale()) return Outcome::kPending;
    call->abandoned = true;
    if (!late) return over() ? Outcome::kFlushing : Outcome::kDrop;
  }
  fail({"core", "state-change",
        std::string(name_of(call->op)) + " did not finish within " +
            std::to_string(static_cast<double>(steady_ns() - began) / 1e9).substr(0, 4) + " s",
        ""});
  return Outcome::kLate;
}

void Element::extend_start(int milliseconds) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    start_until_ = std::max(start_until_, steady_ns() + int64_t{milliseconds} * 1'000'000);
  }
  cond_.notify_all();
}

void Element::may_start(bool may) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    may_start_ = may;
  }
  cond_.notify_all();
}

Outcome Element::give_up(Call* call) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (call->outcome != Outcome::kPending) return call->outcome;
  call->abandoned = true;
  return Outcome::kFlushing;
}

// Under the lock: the waiting thread may give up at this moment, and then looks at what is there.
void Element::given(Call* call, Item&& item) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (!call->abandoned) call->items.push_back(std::move(item));
}

// Notified without the lock, or who wakes would run into it. The caller holds the element.
bool Element::settled(Call* call, Outcome outcome) {
  bool waited = false;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    waited = !call->abandoned;
    call->outcome.store(outcome, std::memory_order_release);
  }
  cond_.notify_all();
  return waited;
}

void Element::tell(Op op, std::string text, double number, GstStructure* structure) {
  auto task = std::make_unique<TellTask>(op, id_, std::move(text), number, structure);
  if (env_ == nullptr || env_->closed()) return;
  if (env_->on_js_thread() && (op == Op::kProperty || op == Op::kAction)) {
    // The caller is JS itself (by way of GObject): it expects to see the effect when its call returns.
    napi_handle_scope scope;
    if (napi_open_handle_scope(env_->napi(), &scope) != napi_ok) return;
    task->run(*env_);
    napi_close_handle_scope(env_->napi(), scope);
    return;
  }
  env_->post(std::move(task));
}

void Element::set_flushing(bool flushing) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    flushing_ = flushing;
    cond_.notify_all();
  }
  gate.set_flushing(flushing);
}

bool Element::flushing() {
  std::lock_guard<std::mutex> lock(mutex_);
  return flushing_;
}

void Element::env_closed() {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    cond_.notify_all();
  }
  gate.set_flushing(true);
  unblock();
}

}  // namespace talk
