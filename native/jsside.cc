#include "jsside.h"

#include "call.h"
#include "frames.h"
#include "js.h"

namespace talk {

JsSide& JsSide::of(Env& env) { return *static_cast<JsSide*>(env.elements.get()); }

void JsSide::open(Env& env, napi_value exports) {
  auto side = std::make_shared<JsSide>(env);
  napi_env napi = env.napi();
  void* memory = nullptr;
  napi_value buffer = nullptr;
  napi_value view = nullptr;
  if (napi_create_arraybuffer(napi, slot::kCount * sizeof(double), &memory, &buffer) != napi_ok) return;
  if (napi_create_typedarray(napi, napi_float64_array, slot::kCount, buffer, 0, &view) != napi_ok) return;
  // Until the isolate ends, so that the memory behind `header` stays.
  napi_create_reference(napi, buffer, 1, &side->keep_);
  side->header = static_cast<double*>(memory);
  js_set(napi, exports, "header", view);
  env.elements = side;
  // The environment is there until its hooks have run, so the plain pointer is safe.
  env.on_close(ClosePhase::kFree, [side = side.get()] { side->abandon_all(); });
}

Peer::Held JsSide::instance(uint32_t id) {
  const auto found = instances.find(id);
  return Peer::Held(found != instances.end() ? found->second.get() : nullptr);
}

void JsSide::abandon_all() {
  const auto open_calls = std::move(calls);
  calls.clear();
  for (const auto& [id, call] : open_calls) {
    for (View& view : call->views) {
      if (view.keep != nullptr) napi_delete_reference(env.napi(), view.keep);
      view.keep = nullptr;
    }
    call->release_views(nullptr);
    call->unref();
  }
  Loan::end_all(*this);
  napi_delete_reference(env.napi(), keep_);
  instances.clear();
}

}  // namespace talk
