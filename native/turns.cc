// The way of a task: into the queue on any thread, out of it on the JS thread, in turns of the event loop.
#include <algorithm>

#include "env.h"

namespace talk {

namespace {

// More than one wake-up's worth of work is cut into turns of this many tasks, so timers and sockets get theirs.
constexpr int kTasksPerTurn = 256;
// ns: so long may a turn be drawn out by looking for more.
constexpr int64_t kTurn = 1'000'000;

}  // namespace

bool Env::post(std::unique_ptr<Task> task) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    if (closed()) return false;
    Task* raw = task.release();
    raw->next = nullptr;
    if (tail_ != nullptr) {
      tail_->next = raw;
    } else {
      head_ = raw;
      filled_at_ = steady_ns();
      filled_.store(true, std::memory_order_release);
    }
    tail_ = raw;
    if (armed_) return true;
    armed_ = true;
  }
  // Without that lock, or the JS thread would wake and run into it.
  std::lock_guard<std::mutex> lock(wake_mutex_);
  if (!closed()) napi_call_threadsafe_function(tsfn_, nullptr, napi_tsfn_nonblocking);
  return true;
}

void Env::on_tsfn(napi_env napi, napi_value, void* context, void*) {
  // A null napi_env means that the isolate is being torn down: nothing may be called any more.
  if (napi == nullptr) return;
  auto* self = static_cast<Env*>(context);
  if (!self->looking_) self->begin_turn();
  self->drain();
}

// What a task threw is an uncaught exception.
void Env::report_thrown() {
  bool thrown = false;
  napi_value error;
  if (napi_is_exception_pending(napi_, &thrown) != napi_ok || !thrown) return;
  if (napi_get_and_clear_last_exception(napi_, &error) == napi_ok) napi_fatal_exception(napi_, error);
}

std::unique_ptr<Task> Env::next_task() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (closed() || head_ == nullptr) return nullptr;
  std::unique_ptr<Task> task(head_);
  head_ = task->next;
  if (head_ == nullptr) {
    tail_ = nullptr;
    filled_.store(false, std::memory_order_relaxed);
  }
  if (idle_since_ != 0) {
    // What the poster needed by itself, where that is known: how long it took to wake is no reason to sleep again.
    const int64_t seen = filled_at_ - idle_since_;
    habit().took(task->after >= 0 ? std::min(task->after, seen) : seen);
    idle_since_ = 0;
  }
  last_from_ = task->from;
  return task;
}

// Back to the event loop. False when something has come meanwhile.
bool Env::rest() {
  std::lock_guard<std::mutex> lock(mutex_);
  if (head_ != nullptr && !closed()) return false;
  armed_ = false;
  return true;
}

void Env::begin_turn() {
  left_ = kTasksPerTurn;
  turn_ends_ = steady_ns() + kTurn;
}

void Env::drain() {
  const auto filled = [this] { return filled_.load(std::memory_order_acquire); };
  if (std::exchange(looking_, false)) habit().until(filled);
  do {
    bool worked = false;
    while (std::unique_ptr<Task> task = next_task()) {
      napi_handle_scope scope;
      if (napi_open_handle_scope(napi_, &scope) != napi_ok) return;
      task->run(*this);
      report_thrown();
      napi_close_handle_scope(napi_, scope);
      worked = true;
      if (--left_ == 0) return next_turn();  // stays armed: the rest comes in the loop's next turn
    }
    if (!worked || closed()) continue;
    idle_since_ = steady_ns();
    if (habit().pays()) return look();
  } while (!rest());
}

// Looks for the next task, still armed. Not here: promises are settled when this call has returned, and only then is
// there nothing else to do. The thread-safe function calls again at once, without a wake-up.
void Env::look() {
  looking_ = true;
  if (idle_since_ >= turn_ends_) return next_turn();
  napi_call_threadsafe_function(tsfn_, nullptr, napi_tsfn_nonblocking);
}

// Not by the thread-safe function: Node calls that again and again, up to a thousand times, before it turns.
void Env::next_turn() {
  if (turn_ahead_ || closed()) return;
  napi_handle_scope scope;
  if (napi_open_handle_scope(napi_, &scope) != napi_ok) return;
  napi_value global = nullptr;
  napi_value set_immediate = nullptr;
  napi_value turn = nullptr;
  napi_get_global(napi_, &global);
  napi_get_reference_value(napi_, set_immediate_, &set_immediate);
  napi_get_reference_value(napi_, turn_, &turn);
  turn_ahead_ = napi_call_function(napi_, global, set_immediate, 1, &turn, nullptr) == napi_ok;
  napi_close_handle_scope(napi_, scope);
}

napi_value Env::on_turn(napi_env napi, napi_callback_info info) {
  void* data = nullptr;
  napi_get_cb_info(napi, info, nullptr, nullptr, nullptr, &data);
  auto* self = static_cast<Env*>(data);
  self->turn_ahead_ = false;
  self->run_later();
  self->begin_turn();
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

}  // namespace talk
