#include "pipeline.h"

#include <algorithm>
#include <string>
#include <vector>

#include "nice.h"

namespace talk {

namespace {

std::atomic<int> live{0};

// How long a closing isolate waits for a pipeline to reach NULL. An element that takes longer is stuck for good.
constexpr int kLastWaitMs = 5000;

// What the bus handler holds: both weakly, for a message may come while either goes away.
struct BusLink {
  std::weak_ptr<Pipeline> pipeline;
  GWeakRef gst;
};

void free_link(gpointer data) {
  auto* link = static_cast<BusLink*>(data);
  g_weak_ref_clear(&link->gst);
  delete link;
}

const char* result_name(GstStateChangeReturn result) {
  switch (result) {
    case GST_STATE_CHANGE_SUCCESS:
      return "success";
    case GST_STATE_CHANGE_ASYNC:
      return "async";
    case GST_STATE_CHANGE_NO_PREROLL:
      return "no-preroll";
    default:
      return "failure";
  }
}

bool ends_stream(const BusItem& item) {
  return item.message != nullptr && (GST_MESSAGE_TYPE(item.message) == GST_MESSAGE_EOS ||
                                     GST_MESSAGE_TYPE(item.message) == GST_MESSAGE_SEGMENT_DONE);
}

// The innermost element that refused the last state change; empty when none admits it.
std::string culprit_of(GstElement* pipeline) {
  std::string path;
  GstIterator* elements = gst_bin_iterate_recurse(GST_BIN(pipeline));
  GValue item = G_VALUE_INIT;
  while (gst_iterator_next(elements, &item) == GST_ITERATOR_OK) {
    auto* element = static_cast<GstElement*>(g_value_get_object(&item));
    const std::string at = object_path(GST_OBJECT(element));
    if (GST_STATE_RETURN(element) == GST_STATE_CHANGE_FAILURE && at.size() > path.size()) path = at;
    g_value_reset(&item);
  }
  g_value_unset(&item);
  gst_iterator_free(elements);
  return path;
}

}  // namespace

std::shared_ptr<Pipeline> Pipeline::open(Env& env, GstElement* gst, napi_value dispatch) {
  const std::shared_ptr<Pipeline> self(new Pipeline());
  self->env_ = env.shared_from_this();
  self->gst_ = gst;
  napi_create_reference(env.napi(), dispatch, 0, &self->dispatch_);
  live++;
  self->attach();
  return self;
}

Pipeline::~Pipeline() = default;

int Pipeline::count() { return live; }

void Pipeline::attach() {
  auto* link = new BusLink{weak_from_this(), {}};
  g_weak_ref_init(&link->gst, gst_);
  GstBus* bus = gst_element_get_bus(gst_);
  gst_bus_set_sync_handler(bus, &Pipeline::on_message, link, free_link);
  gst_object_unref(bus);
  // When the isolate ends every pipeline starts for NULL, then all are waited for.
  wake_hook_ = env_->on_close(ClosePhase::kWake, [weak = weak_from_this()] {
    if (const auto self = weak.lock()) self->take_down();
  });
  stop_hook_ = env_->on_close(ClosePhase::kStop, [lanes = lanes_] { lanes->drained(Lane::kState, kLastWaitMs); });
}

napi_value Pipeline::external(napi_env napi) {
  napi_value value = nullptr;
  auto* owner = new std::shared_ptr<Pipeline>(shared_from_this());
  if (napi_create_external(napi, owner, &Pipeline::finalize, nullptr, &value) != napi_ok) delete owner;
  return value;
}

Pipeline* Pipeline::of(napi_env napi, napi_value external) {
  void* data = nullptr;
  if (napi_get_value_external(napi, external, &data) != napi_ok || data == nullptr) return nullptr;
  return static_cast<std::shared_ptr<Pipeline>*>(data)->get();
}

// The TypeScript object was collected, or the isolate is gone. Taking down joins threads: never here.
void Pipeline::finalize(napi_env napi, void* data, void*) {
  auto* owner = static_cast<std::shared_ptr<Pipeline>*>(data);
  Pipeline& self = **owner;
  if (self.dispatch_ != nullptr) napi_delete_reference(napi, self.dispatch_);
  self.dispatch_ = nullptr;
  if (!self.closed_) {
    self.closed_ = true;
    self.take_down();
    self.env_->deactivate(&self);
  }
  delete owner;
}

// Asks for NULL and release without anybody waiting for it.
void Pipeline::take_down() {
  begin_stop();
  lanes_->push(Lane::kState, [self = shared_from_this()] { self->release(); }, true);
}

// On a control thread, last in the state lane. A second time does nothing.
void Pipeline::release() {
  if (gst_ == nullptr) return;
  unstick(gst_);
  gst_element_set_state(gst_, GST_STATE_NULL);
  GstBus* bus = gst_element_get_bus(gst_);
  gst_bus_set_sync_handler(bus, nullptr, nullptr, nullptr);
  gst_object_unref(bus);
  bus_.clear();
  gst_object_unref(gst_);
  gst_ = nullptr;
  live--;
  env_->forget(wake_hook_);
  env_->forget(stop_hook_);
}

napi_value Pipeline::set_state(GstState state) {
  const bool stop = state <= GST_STATE_READY;
  const uint64_t change = ++changes_;
  if (stop) begin_stop();
  if (state > GST_STATE_NULL) above_null_ = true;
  target_ = state;
  struct Outcome {
    GstStateChangeReturn result;
    std::string culprit;
  };
  auto work = [self = shared_from_this(), state, stop](GstElement* gst) {
    if (stop) self->unstick(gst);
    Outcome outcome{gst_element_set_state(gst, state), {}};
    if (outcome.result == GST_STATE_CHANGE_FAILURE) {
      outcome.culprit = culprit_of(gst);
      self->begin_stop();
      gst_element_set_state(gst, GST_STATE_NULL);
      self->end_stop();
    }
    if (stop) self->end_stop();
    // The bus is closed by then and says nothing of the last step.
    if (state == GST_STATE_NULL || outcome.result == GST_STATE_CHANGE_FAILURE) self->post_null(gst);
    return outcome;
  };
  if (closed_) return nullptr;
  auto report = [self = shared_from_this(), state, change](Env& env, const Outcome& outcome) {
    const bool null = state == GST_STATE_NULL || outcome.result == GST_STATE_CHANGE_FAILURE;
    if (null && change == self->changes_) self->above_null_ = false;
    if (null) self->catch_up();
    napi_value object = js_object(env.napi());
    js_set(env.napi(), object, "result", js_string(env.napi(), result_name(outcome.result)));
    if (!outcome.culprit.empty()) js_set(env.napi(), object, "culprit", js_string(env.napi(), outcome.culprit));
    return object;
  };
  return enqueue(Lane::kState, work, report, stop);  // a stop is never refused
}

void Pipeline::post_null(GstElement* gst) {
  BusItem item;
  item.message = gst_message_new_state_changed(GST_OBJECT(gst), GST_STATE_READY, GST_STATE_NULL, GST_STATE_VOID_PENDING);
  item.path = object_path(GST_OBJECT(gst));
  post(std::move(item));
}

napi_value Pipeline::close() {
  closed_ = true;
  begin_stop();
  return enqueue(
      Lane::kState,
      [self = shared_from_this()](GstElement*) {
        self->release();
        return true;
      },
      [self = shared_from_this()](Env&, bool) -> napi_value {
        self->above_null_ = false;
        return nullptr;
      },
      true);
}

void Pipeline::set_unref(bool unref) {
  unref_ = unref;
  refresh_hold();
}

void Pipeline::refresh_hold() {
  const bool want = !unref_ && (above_null_ || jobs_ > 0);
  if (want == held_ || dispatch_ == nullptr) return;
  held_ = want;
  uint32_t references = 0;
  if (want) {
    env_->activate(this);
    napi_reference_ref(env_->napi(), dispatch_, &references);
  } else {
    env_->deactivate(this);
    napi_reference_unref(env_->napi(), dispatch_, &references);
  }
}

napi_value Pipeline::dispatch(const char* kind, uint32_t id, napi_value payload) {
  napi_env napi = env_->napi();
  napi_value function = nullptr;
  if (dispatch_ == nullptr || napi_get_reference_value(napi, dispatch_, &function) != napi_ok || function == nullptr)
    return nullptr;
  const napi_value arguments[] = {js_string(napi, kind), js_number(napi, id), payload};
  napi_value result = nullptr;
  // A pending exception is left to the environment, which makes it an uncaught one.
  if (napi_call_function(napi, js_undefined(napi), function, 3, arguments, &result) != napi_ok) return nullptr;
  return result;
}

void Pipeline::wake() {
  const std::lock_guard<std::mutex> lock(wait_mutex_);
  wait_changed_.notify_all();
}

bool Pipeline::wait_until(uint64_t begun, const std::function<bool()>& ready) {
  std::unique_lock<std::mutex> lock(wait_mutex_);
  bool done = false;
  wait_changed_.wait(lock, [&] { return stopping() || stops_begun() != begun || (done = ready()); });
  return done;
}

bool Pipeline::wait_for_js(const std::atomic<bool>& done, std::chrono::milliseconds deadline) {
  std::unique_lock<std::mutex> lock(wait_mutex_);
  wait_changed_.wait_for(lock, deadline, [&] { return done || stopping(); });
  return done;
}

GstBusSyncReply Pipeline::on_message(GstBus*, GstMessage* message, gpointer data) {
  auto* link = static_cast<BusLink*>(data);
  const std::shared_ptr<Pipeline> self = link->pipeline.lock();
  const Strong<GstElement> gst(static_cast<GstElement*>(g_weak_ref_get(&link->gst)));
  if (self != nullptr && gst) self->handle(gst.get(), message);
  gst_message_unref(message);
  return GST_BUS_DROP;
}

void Pipeline::handle(GstElement* gst, GstMessage* message) {
  if (env_->closed()) return;
  switch (GST_MESSAGE_TYPE(message)) {
    case GST_MESSAGE_STREAM_STATUS:
      stand_back(message);
      break;
    case GST_MESSAGE_LATENCY:
      report_latency(gst, true);
      return;
    case GST_MESSAGE_CLOCK_LOST:
      again_playing(gst);
      return;
    case GST_MESSAGE_STATE_CHANGED: {
      GstState to = GST_STATE_NULL;
      gst_message_parse_state_changed(message, nullptr, &to, nullptr);
      if (GST_MESSAGE_SRC(message) == GST_OBJECT(gst) && to == GST_STATE_PLAYING) report_latency(gst, false);
      break;
    }
    case GST_MESSAGE_ASYNC_DONE:
      if (GST_MESSAGE_SRC(message) == GST_OBJECT(gst)) async_done_++;
      break;
    default:
      break;
  }
  if (!bus_wants(gst, message)) return;
  BusItem item;
  item.message = gst_message_ref(message);
  if (GST_MESSAGE_SRC(message) != nullptr) item.path = object_path(GST_MESSAGE_SRC(message));
  post(std::move(item));
}

void Pipeline::post(BusItem item) {
  if (!bus_.push(std::move(item))) return;
  env_->post_fn([self = shared_from_this()](Env&) { self->drain_bus(); });
}

void Pipeline::drain_bus() {
  // The rest comes in another turn of the loop.
  if (deliver()) env_->later_fn([self = shared_from_this()](Env&) { self->drain_bus(); });
}

// What a run had to say is told before its end is. Bounded: what comes meanwhile has its turns afterwards.
void Pipeline::catch_up() {
  for (size_t batches = bus_.batches(); batches > 0 && deliver(); batches--) continue;
}

void Pipeline::watch(const std::weak_ptr<Backlog>& backlog) {
  const auto gone = std::remove_if(backlogs_.begin(), backlogs_.end(), [](const auto& one) { return one.expired(); });
  backlogs_.erase(gone, backlogs_.end());
  backlogs_.push_back(backlog);
}

// The listeners that this calls may begin or end to listen.
void Pipeline::hand_over() {
  for (const std::weak_ptr<Backlog>& weak : std::vector<std::weak_ptr<Backlog>>(backlogs_)) {
    if (const std::shared_ptr<Backlog> backlog = weak.lock()) backlog->hand_over();
  }
}

// Hands a batch of messages to JS. True when there are others.
bool Pipeline::deliver() {
  bool more = false;
  size_t count = 0;
  size_t dropped = 0;
  napi_env napi = env_->napi();
  napi_value batch = js_array(napi);
  std::vector<BusItem> items = bus_.take(&more, &dropped);
  // Data and messages come to JS by ways of their own, and whoever hears of the end may count on all that was before it.
  if (std::any_of(items.begin(), items.end(), ends_stream)) hand_over();
  for (BusItem& item : items) {
    js_push(napi, batch, bus_item_to_js(napi, item));
    if (item.message != nullptr) gst_message_unref(item.message);
    count++;
  }
  if (!closed_ && (count > 0 || dropped > 0)) dispatch("messages", static_cast<uint32_t>(dropped), batch);
  return more;
}

// A LATENCY message is answered here, without JS: several that come together by one recalculation.
void Pipeline::report_latency(GstElement* gst, bool recalculate) {
  if (recalculate) latency_stale_ = true;
  if (latency_queued_.exchange(true)) return;
  auto work = [self = shared_from_this(), gst = Strong<GstElement>(GST_ELEMENT(gst_object_ref(gst)))] {
    self->latency_queued_ = false;
    if (self->stopping()) return;
    if (self->latency_stale_.exchange(false)) gst_bin_recalculate_latency(GST_BIN(gst.get()));
    BusItem item;
    gboolean live = FALSE;
    GstQuery* query = gst_query_new_latency();
    const bool known = gst_element_query(gst.get(), query);
    if (known) gst_query_parse_latency(query, &live, &item.min_latency, &item.max_latency);
    gst_query_unref(query);
    item.live = live;
    if (known) self->post(std::move(item));
  };
  if (!lanes_->push(Lane::kLatency, work)) latency_queued_ = false;
}

// The clock went away with its element: PAUSED and PLAYING again selects another, as gst-launch does.
void Pipeline::again_playing(GstElement* gst) {
  lanes_->push(Lane::kState, [self = shared_from_this(), gst = Strong<GstElement>(GST_ELEMENT(gst_object_ref(gst)))] {
    if (self->target_ != GST_STATE_PLAYING || self->stopping()) return;
    gst_element_set_state(gst.get(), GST_STATE_PAUSED);
    gst_element_set_state(gst.get(), GST_STATE_PLAYING);
  });
}

}  // namespace talk
