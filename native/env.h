// One Env per isolate (the main thread or a worker): the only way from any thread to its JS thread.
//
// Streaming and control threads post Tasks; they are run in order on the JS thread, coalesced (one wake-up for
// many tasks) and capped per turn, so that a storm of notifications never starves timers and sockets. Where the next
// task is likely to follow at once (a hop in a pipeline that runs without a clock, or the hop behind this one), the JS
// thread looks for it for some us before it goes back to the event loop, never past the end of its turn. When the
// isolate goes away the environment is closed first: waiters are woken, pipelines are stopped, and whatever was
// still queued is destroyed without being run.
#pragma once

#include <node_api.h>

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <unordered_set>
#include <utility>
#include <vector>

#include "spin.h"

namespace talk {

class Env;

// A piece of work for the JS thread. Its destructor may run on any thread and must not touch Node-API.
struct Task {
  virtual ~Task() = default;
  // On the JS thread, inside a handle scope of its own. Never called once the environment is closed.
  virtual void run(Env& env) = 0;
  Task* next = nullptr;
  uint32_t from = 0;   // whose it is: an instance, 0 for everything else
  int64_t after = -1;  // ns since JS let go the thread that posts it; -1 when it did not
};

// What is undone when the isolate ends, in this order. Native code only: JS can no longer be called.
enum class ClosePhase {
  kWake,  // make every thread that waits for JS go on
  kStop,  // bring pipelines to NULL (their threads are awake by now)
  kFree,  // free what was kept for JS
};

// JavaScript functions that C++ calls, one per part of the addon.
enum class JsEntry { kElements, kPipelines, kTaps, kCount };

class Env : public std::enable_shared_from_this<Env> {
 public:
  // Makes the environment of this isolate. Called once, by the module's init.
  static std::shared_ptr<Env> open(napi_env napi);
  // The environment whose JS thread is the calling thread; null on every other thread.
  static Env* current();

  Env() = default;
  Env(const Env&) = delete;
  Env& operator=(const Env&) = delete;

  bool on_js_thread() const { return current() == this; }
  bool closed() const { return closed_.load(std::memory_order_acquire); }

  // Queues a task for the JS thread; any thread. False (and the task destroyed) once closed.
  bool post(std::unique_ptr<Task> task);
  // The same for a lambda taking Env&.
  template <typename F>
  bool post_fn(F&& work) {
    struct Fn final : Task {
      explicit Fn(F&& f) : f_(std::forward<F>(f)) {}
      void run(Env& env) override { f_(env); }
      std::decay_t<F> f_;
    };
    return post(std::unique_ptr<Task>(new Fn(std::forward<F>(work))));
  }

  // For a task that has more to do than one turn of the loop should hold: runs in the next one, after timers and
  // sockets had theirs. JS thread.
  template <typename F>
  void later_fn(F&& work) {
    later_.emplace_back(std::forward<F>(work));
    next_turn();
  }

  // Keeps the event loop alive while `pipeline` is above NULL. A set, not a counter: doing either twice is
  // harmless. Any thread.
  void activate(const void* pipeline);
  void deactivate(const void* pipeline);

  // Registers what must happen when the isolate ends; any thread. Returns a ticket for `forget`. A hook may be
  // running on the JS thread while another thread forgets it, so it must own (or weakly own) what it touches.
  uint64_t on_close(ClosePhase phase, std::function<void()> hook);
  void forget(uint64_t ticket);

  // --- JS thread only from here on ---

  napi_env napi() const { return napi_; }
  // False once the isolate is being terminated, and while an exception is pending.
  bool js_runs() const;
  // What the element half keeps for this isolate (jsside.h); lives as long as the environment.
  std::shared_ptr<void> elements;
  // Sets the function behind an entry (given by src/native.ts when it loads the addon).
  void set_entry(JsEntry entry, napi_value function);
  // Calls an entry. On a JS exception the result is null and `*error` is the thrown value (when asked for),
  // else it becomes an uncaught exception.
  napi_value call(JsEntry entry, size_t argc, const napi_value* argv, napi_value* error = nullptr);

 private:
  static void on_tsfn(napi_env napi, napi_value fn, void* context, void* data);
  static void on_cleanup(void* self);
  static napi_value on_turn(napi_env napi, napi_callback_info info);
  void drain();
  void begin_turn();
  std::unique_ptr<Task> next_task();
  void look();
  bool rest();
  Spin& habit() { return habits_[last_from_ % habits_.size()]; }
  void report_thrown();
  void run_later();
  void next_turn();
  void close();
  void refresh_hold();

  struct Hook {
    uint64_t ticket;
    ClosePhase phase;
    std::function<void()> run;
  };

  napi_env napi_ = nullptr;
  napi_threadsafe_function tsfn_ = nullptr;
  napi_ref entries_[static_cast<size_t>(JsEntry::kCount)] = {};
  std::atomic<bool> closed_{false};

  std::mutex mutex_;  // guards the queue and armed_
  Task* head_ = nullptr;
  Task* tail_ = nullptr;
  bool armed_ = false;  // a wake-up is on its way, or the JS thread looks by itself
  int64_t filled_at_ = 0;  // when the queue last ceased to be empty; ns of the steady clock
  std::atomic<bool> filled_{false};  // it is not empty

  std::mutex wake_mutex_;  // guards tsfn_ against close

  // JS thread only: work put off to the next turn, and whether that is scheduled.
  std::vector<std::function<void(Env&)>> later_;
  napi_ref turn_ = nullptr, set_immediate_ = nullptr;
  bool turn_ahead_ = false;
  // How many tasks this turn still takes, and until when (ns of the steady clock) it may be drawn out by looking for more.
  int left_ = 0;
  int64_t turn_ends_ = 0;
  bool looking_ = false;
  uint32_t last_from_ = 0;  // whose the last task was
  int64_t idle_since_ = 0;  // when nothing was left to do; 0 while there is
  std::array<Spin, 64> habits_;  // how soon something follows, by who was served last

  std::mutex active_mutex_;
  std::unordered_set<const void*> active_;
  bool held_ = false;  // JS thread only: the loop is kept alive at the moment

  std::mutex hooks_mutex_;
  std::vector<Hook> hooks_;
  uint64_t next_ticket_ = 1;
};

}  // namespace talk
