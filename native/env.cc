#include "env.h"

#include <algorithm>

namespace talk {

namespace {

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
  // Node's own, whatever a test may put in its place later on.
  napi_value global = nullptr;
  napi_value set_immediate = nullptr;
  napi_value turn = nullptr;
  napi_get_global(napi, &global);
  napi_get_named_property(napi, global, "setImmediate", &set_immediate);
  napi_create_function(napi, "turn", NAPI_AUTO_LENGTH, &Env::on_turn, env.get(), &turn);
  napi_create_reference(napi, set_immediate, 1, &env->set_immediate_);
  napi_create_reference(napi, turn, 1, &env->turn_);
  // Added after the thread-safe function's own hook, so it runs before that (hooks run last in, first out).
  napi_add_env_cleanup_hook(napi, &Env::on_cleanup, env.get());
  current_env = env.get();
  return env;
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

// By a call that does nothing, and that Node refuses from then on. It notes that a worker ends before it terminates what
// the worker runs, so what JS has returned from properly was not terminated.
bool Env::js_runs() const {
  napi_value yes = nullptr;
  napi_value same = nullptr;
  return napi_get_boolean(napi_, true, &yes) == napi_ok && napi_coerce_to_bool(napi_, yes, &same) == napi_ok;
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
  for (napi_ref* kept : {&turn_, &set_immediate_}) {
    if (*kept != nullptr) napi_delete_reference(napi_, *kept);
    *kept = nullptr;
  }
  for (napi_ref& slot : entries_) {
    if (slot != nullptr) napi_delete_reference(napi_, slot);
    slot = nullptr;
  }
  current_env = nullptr;
  std::lock_guard<std::mutex> lock(wake_mutex_);
  napi_release_threadsafe_function(tsfn_, napi_tsfn_abort);
}

}  // namespace talk
