#include "env.h"

#include <algorithm>

namespace talk {

namespace {

// More than one wake-up's worth of work is cut into turns of this many tasks, so timers and sockets get theirs.
constexpr int kTasksPerTurn = 256;

thread_local Env* current_env = nullptr;

}  // namespace

Env* Env::current() { return current_env; }

std::shared_ptr<Env> Env::open(napi_env napi) {
  auto env = std::make_shared<Env>();
  env->napi_ = napi;

  napi_value name;
  if (napi_create_string_utf8(napi, "talkgraph", NAPI_AUTO_LENGTH, &name) != napi_ok) return nullptr;
  // The thread-safe function owns one reference to the environment: it may call back after our clean-up.
  auto* owner = new std::shared_ptr<Env>(env);
  const napi_status made = napi_create_threadsafe_function(
      napi, nullptr, nullptr, name, 0, 1, owner,
      [](napi_env, void* data, void*) { delete static_cast<std::shared_ptr<Env>*>(data); }, env.get(),
      &Env::on_tsfn, &env->tsfn_);
  if (made != napi_ok) {
    delete owner;
    return nullptr;
  }
  // By itself the environment does not keep the process alive; only active pipelines do.
  napi_unref_threadsafe_function(napi, env->tsfn_);
  // Added after the thread-safe function's own hook, so it runs before that (hooks run last in, first out).
  napi_add_env_cleanup_hook(napi, &Env::on_cleanup, env.get());
  current_env = env.get();
  return env;
}

bool Env::post(std::unique_ptr<Task> task) {
  std::lock_guard<std::mutex> lock(mutex_);
  if (closed()) return false;
  Task* raw = task.release();
  raw->next = nullptr;
  if (tail_ != nullptr) {
    tail_->next = raw;
  } else {
    head_ = raw;
  }
  tail_ = raw;
  if (!armed_) {
    armed_ = true;
    napi_call_threadsafe_function(tsfn_, nullptr, napi_tsfn_nonblocking);
  }
  return true;
}

void Env::on_tsfn(napi_env napi, napi_value, void* context, void*) {
  // A null napi_env means that the isolate is being torn down: nothing may be called any more.
  if (napi != nullptr) static_cast<Env*>(context)->drain();
}

// What a task threw is an uncaught exception.
void Env::report_thrown() {
  bool thrown = false;
  napi_value error;
  if (napi_is_exception_pending(napi_, &thrown) != napi_ok || !thrown) return;
  if (napi_get_and_clear_last_exception(napi_, &error) == napi_ok) napi_fatal_exception(napi_, error);
}

void Env::drain() {
  for (int i = 0; i < kTasksPerTurn; i++) {
    std::unique_ptr<Task> task;
    {
      std::lock_guard<std::mutex> lock(mutex_);
      if (closed()) return;
      task.reset(head_);
      if (task == nullptr) {
        armed_ = false;
        return;
      }
      head_ = task->next;
      if (head_ == nullptr) tail_ = nullptr;
    }
    napi_handle_scope scope;
    if (napi_open_handle_scope(napi_, &scope) != napi_ok) return;
    task->run(*this);
    report_thrown();
    napi_close_handle_scope(napi_, scope);
  }
  next_turn();  // stays armed: the rest comes in the loop's next turn
}

// Not by the thread-safe function: Node calls that again and again, up to a thousand times, before it turns.
void Env::next_turn() {
  if (turn_ahead_ || closed()) return;
  napi_handle_scope scope;
  if (napi_open_handle_scope(napi_, &scope) != napi_ok) return;
  napi_value global = nullptr;
  napi_value set_immediate = nullptr;
  napi_value turn = nullptr;
  if (turn_ == nullptr) {
    napi_create_function(napi_, "turn", NAPI_AUTO_LENGTH, &Env::on_turn, this, &turn);
    napi_create_reference(napi_, turn, 1, &turn_);
  } else {
    napi_get_reference_value(napi_, turn_, &turn);
  }
  napi_get_global(napi_, &global);
  napi_get_named_property(napi_, global, "setImmediate", &set_immediate);
  turn_ahead_ = napi_call_function(napi_, global, set_immediate, 1, &turn, nullptr) == napi_ok;
  napi_close_handle_scope(napi_, scope);
}

napi_value Env::on_turn(napi_env napi, napi_callback_info info) {
  void* data = nullptr;
  napi_get_cb_info(napi, info, nullptr, nullptr, nullptr, &data);
  auto* self = static_cast<Env*>(data);
  self->turn_ahead_ = false;
  self->run_later();
  self->drain();
  return nullptr;
}

// Each in a scope of its own, like a task; what they put off again comes in yet another turn.
void Env::run_later() {
  for (std::function<void(Env&)>& work : std::exchange(later_, {})) {
    napi_handle_scope scope;
    if (closed() || napi_open_handle_scope(napi_, &scope) != napi_ok) return;
    work(*this);
    report_thrown();
    napi_close_handle_scope(napi_, scope);
  }
}

void Env::activate(const void* pipeline) {
  {
    std::lock_guard<std::mutex> lock(active_mutex_);
    if (!active_.insert(pipeline).second) return;
  }
  if (on_js_thread()) {
    refresh_hold();
  } else {
    post_fn([](Env& env) { env.refresh_hold(); });
  }
}

void Env::deactivate(const void* pipeline) {
  {
    std::lock_guard<std::mutex> lock(active_mutex_);
    if (active_.erase(pipeline) == 0) return;
  }
  if (on_js_thread()) {
    refresh_hold();
  } else {
    post_fn([](Env& env) { env.refresh_hold(); });
  }
}

void Env::refresh_hold() {
  bool want;
  {
    std::lock_guard<std::mutex> lock(active_mutex_);
    want = !active_.empty();
  }
  if (want == held_ || closed()) return;
  held_ = want;
  if (want) {
    napi_ref_threadsafe_function(napi_, tsfn_);
  } else {
    napi_unref_threadsafe_function(napi_, tsfn_);
  }
}

uint64_t Env::on_close(ClosePhase phase, std::function<void()> hook) {
  std::lock_guard<std::mutex> lock(hooks_mutex_);
  const uint64_t ticket = next_ticket_++;
  hooks_.push_back({ticket, phase, std::move(hook)});
  return ticket;
}

void Env::forget(uint64_t ticket) {
  std::lock_guard<std::mutex> lock(hooks_mutex_);
  const auto found =
      std::find_if(hooks_.begin(), hooks_.end(), [&](const Hook& hook) { return hook.ticket == ticket; });
  if (found != hooks_.end()) hooks_.erase(found);
}

void Env::set_entry(JsEntry entry, napi_value function) {
  napi_ref& slot = entries_[static_cast<size_t>(entry)];
  if (slot != nullptr) napi_delete_reference(napi_, slot);
  slot = nullptr;
  napi_create_reference(napi_, function, 1, &slot);
}

napi_value Env::call(JsEntry entry, size_t argc, const napi_value* argv, napi_value* error) {
  napi_ref slot = entries_[static_cast<size_t>(entry)];
  napi_value function = nullptr;
  napi_value receiver = nullptr;
  napi_value result = nullptr;
  if (error != nullptr) *error = nullptr;
  if (closed() || slot == nullptr) return nullptr;
  if (napi_get_reference_value(napi_, slot, &function) != napi_ok) return nullptr;
  if (napi_get_undefined(napi_, &receiver) != napi_ok) return nullptr;
  if (napi_call_function(napi_, receiver, function, argc, argv, &result) == napi_ok) return result;
  bool thrown = false;
  if (napi_is_exception_pending(napi_, &thrown) == napi_ok && thrown) {
    napi_value exception;
    if (napi_get_and_clear_last_exception(napi_, &exception) == napi_ok) {
      if (error != nullptr) {
        *error = exception;
      } else {
        napi_fatal_exception(napi_, exception);
      }
    }
  }
  return nullptr;
}

void Env::on_cleanup(void* self) { static_cast<Env*>(self)->close(); }

void Env::close() {
  const std::shared_ptr<Env> keep = shared_from_this();
  {
    std::lock_guard<std::mutex> lock(mutex_);
    closed_.store(true, std::memory_order_release);
  }
  for (const ClosePhase phase : {ClosePhase::kWake, ClosePhase::kStop, ClosePhase::kFree}) {
    // Hooks are taken out one by one and run without the lock: one of them may register or forget others.
    for (;;) {
      std::function<void()> run;
      {
        std::lock_guard<std::mutex> lock(hooks_mutex_);
        const auto found =
            std::find_if(hooks_.begin(), hooks_.end(), [&](const Hook& hook) { return hook.phase == phase; });
        if (found == hooks_.end()) break;
        run = std::move(found->run);
        hooks_.erase(found);
      }
      run();
    }
  }
  Task* queued;
  {
    std::lock_guard<std::mutex> lock(mutex_);
    queued = head_;
    head_ = tail_ = nullptr;
  }
  while (queued != nullptr) {
    Task* next = queued->next;
    delete queued;
    queued = next;
  }
  later_.clear();
  if (turn_ != nullptr) napi_delete_reference(napi_, turn_);
  turn_ = nullptr;
  for (napi_ref& slot : entries_) {
    if (slot != nullptr) napi_delete_reference(napi_, slot);
    slot = nullptr;
  }
  current_env = nullptr;
  napi_release_threadsafe_function(tsfn_, napi_tsfn_abort);
}

}  // namespace talk
