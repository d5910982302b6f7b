#include "test_clock.h"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>
#include <vector>

namespace talk {

namespace {

struct State {
  std::mutex mutex;
  std::condition_variable moved;
  GstClockTime now = 0;
  // Entries that wait for their time; each is a reference. Those with a function are called when it comes.
  std::vector<GstClockEntry*> waiting;
  std::function<void()> changed;
};

struct TestClock {
  GstClock base;
  State* state;
};

struct TestClockClass {
  GstClockClass base;
};

G_DEFINE_TYPE(TestClock, talk_test_clock, GST_TYPE_CLOCK)

State& state_of(GstClock* clock) { return *reinterpret_cast<TestClock*>(clock)->state; }

bool due(const State& state, GstClockEntry* entry) { return GST_CLOCK_ENTRY_TIME(entry) <= state.now; }

GstClockTime internal_time(GstClock* clock) {
  State& state = state_of(clock);
  const std::lock_guard<std::mutex> lock(state.mutex);
  return state.now;
}

void add(State& state, GstClockEntry* entry) {
  gst_clock_id_ref(entry);
  state.waiting.push_back(entry);
}

// True when it was there; its reference is then the caller's.
bool take(State& state, GstClockEntry* entry) {
  const auto at = std::find(state.waiting.begin(), state.waiting.end(), entry);
  if (at == state.waiting.end()) return false;
  state.waiting.erase(at);
  return true;
}

GstClockReturn wait(GstClock* clock, GstClockEntry* entry, GstClockTimeDiff* jitter) {
  State& state = state_of(clock);
  std::unique_lock<std::mutex> lock(state.mutex);
  if (GST_CLOCK_ENTRY_STATUS(entry) == GST_CLOCK_UNSCHEDULED) return GST_CLOCK_UNSCHEDULED;
  const GstClockTimeDiff late = GST_CLOCK_DIFF(GST_CLOCK_ENTRY_TIME(entry), state.now);
  if (jitter != nullptr) *jitter = late;
  if (late >= 0) return GST_CLOCK_ENTRY_STATUS(entry) = late > 0 ? GST_CLOCK_EARLY : GST_CLOCK_OK;
  GST_CLOCK_ENTRY_STATUS(entry) = GST_CLOCK_BUSY;
  add(state, entry);
  lock.unlock();
  state.changed();
  lock.lock();
  state.moved.wait(lock, [&] { return GST_CLOCK_ENTRY_STATUS(entry) != GST_CLOCK_BUSY || due(state, entry); });
  if (take(state, entry)) gst_clock_id_unref(entry);
  if (GST_CLOCK_ENTRY_STATUS(entry) == GST_CLOCK_BUSY) GST_CLOCK_ENTRY_STATUS(entry) = GST_CLOCK_OK;
  const GstClockReturn result = GST_CLOCK_ENTRY_STATUS(entry);
  lock.unlock();
  state.changed();
  return result;
}

// Calls the functions of asynchronous waits that are due; a periodic one waits on for its next time.
void run_due(GstClock* clock) {
  State& state = state_of(clock);
  for (;;) {
    std::unique_lock<std::mutex> lock(state.mutex);
    const auto at = std::find_if(state.waiting.begin(), state.waiting.end(),
                                 [&](GstClockEntry* entry) { return entry->func != nullptr && due(state, entry); });
    if (at == state.waiting.end()) return;
    GstClockEntry* entry = *at;
    const GstClockTime time = GST_CLOCK_ENTRY_TIME(entry);
    const bool periodic = GST_CLOCK_ENTRY_TYPE(entry) == GST_CLOCK_ENTRY_PERIODIC;
    if (periodic) {
      GST_CLOCK_ENTRY_TIME(entry) += GST_CLOCK_ENTRY_INTERVAL(entry);
      gst_clock_id_ref(entry);
    } else {
      state.waiting.erase(at);
    }
    GST_CLOCK_ENTRY_STATUS(entry) = periodic ? GST_CLOCK_BUSY : GST_CLOCK_OK;
    lock.unlock();
    entry->func(clock, time, entry, entry->user_data);
    gst_clock_id_unref(entry);
  }
}

GstClockReturn wait_async(GstClock* clock, GstClockEntry* entry) {
  State& state = state_of(clock);
  {
    const std::lock_guard<std::mutex> lock(state.mutex);
    if (GST_CLOCK_ENTRY_STATUS(entry) == GST_CLOCK_UNSCHEDULED) return GST_CLOCK_UNSCHEDULED;
    GST_CLOCK_ENTRY_STATUS(entry) = GST_CLOCK_BUSY;
    add(state, entry);
  }
  run_due(clock);
  state.changed();
  return GST_CLOCK_OK;
}

void unschedule(GstClock* clock, GstClockEntry* entry) {
  State& state = state_of(clock);
  bool taken = false;
  {
    const std::lock_guard<std::mutex> lock(state.mutex);
    GST_CLOCK_ENTRY_STATUS(entry) = GST_CLOCK_UNSCHEDULED;
    if (entry->func != nullptr) taken = take(state, entry);
    state.moved.notify_all();
  }
  if (taken) gst_clock_id_unref(entry);
  state.changed();
}

void finalize(GObject* object) {
  State* state = reinterpret_cast<TestClock*>(object)->state;
  for (GstClockEntry* entry : state->waiting) gst_clock_id_unref(entry);
  delete state;
  G_OBJECT_CLASS(talk_test_clock_parent_class)->finalize(object);
}

void talk_test_clock_class_init(TestClockClass* made) {
  made->base.get_internal_time = internal_time;
  made->base.get_resolution = [](GstClock*) -> GstClockTime { return 1; };
  made->base.wait = wait;
  made->base.wait_async = wait_async;
  made->base.unschedule = unschedule;
  G_OBJECT_CLASS(made)->finalize = finalize;
}

void talk_test_clock_init(TestClock* made) { made->state = new State; }

bool move(GstClock* clock, GstClockTime time) {
  State& state = state_of(clock);
  {
    const std::lock_guard<std::mutex> lock(state.mutex);
    if (time < state.now) return false;
    state.now = time;
    state.moved.notify_all();
  }
  run_due(clock);
  state.changed();
  return true;
}

}  // namespace

GstClock* test_clock_new(std::function<void()> changed) {
  auto* clock = static_cast<TestClock*>(g_object_new(talk_test_clock_get_type(), "name", "testclock", nullptr));
  gst_object_ref_sink(clock);
  clock->state->changed = std::move(changed);
  return GST_CLOCK(clock);
}

bool is_test_clock(GstClock* clock) { return G_TYPE_CHECK_INSTANCE_TYPE(clock, talk_test_clock_get_type()); }

bool test_clock_set(GstClock* clock, GstClockTime time) { return move(clock, time); }

size_t test_clock_waiting(GstClock* clock) {
  State& state = state_of(clock);
  const std::lock_guard<std::mutex> lock(state.mutex);
  return static_cast<size_t>(std::count_if(state.waiting.begin(), state.waiting.end(),
                                           [&](GstClockEntry* entry) { return !due(state, entry); }));
}

GstClockTime test_clock_next(GstClock* clock) {
  State& state = state_of(clock);
  const std::lock_guard<std::mutex> lock(state.mutex);
  GstClockTime next = GST_CLOCK_TIME_NONE;
  for (GstClockEntry* entry : state.waiting)
    if (!due(state, entry)) next = std::min(next, GST_CLOCK_ENTRY_TIME(entry));
  return next;
}

GstClockTime test_clock_crank(GstClock* clock) {
  const GstClockTime next = test_clock_next(clock);
  // Somebody else may have moved it on meanwhile: then there is nothing left to do for that wait.
  return GST_CLOCK_TIME_IS_VALID(next) && move(clock, next) ? next : GST_CLOCK_TIME_NONE;
}

}  // namespace talk
