// A JS promise that another thread settles. Until then it keeps the event loop alive.
#pragma once

#include <memory>
#include <utility>

#include "env.h"

namespace talk {

class Deferred : public std::enable_shared_from_this<Deferred> {
 public:
  // Makes the promise; JS thread. Null when the environment is closing.
  static std::shared_ptr<Deferred> make(Env& env, napi_value* promise) {
    auto self = std::make_shared<Deferred>();
    self->env_ = env.shared_from_this();
    if (napi_create_promise(env.napi(), &self->deferred_, promise) != napi_ok) return nullptr;
    env.activate(self.get());
    return self;
  }

  // Resolves with what `value(Env&)` returns on the JS thread; any thread, the first call counts. Once the
  // environment is closed nobody is left to wait, and nothing happens.
  template <typename F>
  void settle(F value) {
    env_->post_fn([self = shared_from_this(), value = std::move(value)](Env& env) mutable {
      if (self->deferred_ == nullptr) return;
      const napi_deferred deferred = std::exchange(self->deferred_, nullptr);
      env.deactivate(self.get());
      napi_value result = value(env);
      bool thrown = false;
      if (napi_is_exception_pending(env.napi(), &thrown) == napi_ok && thrown) {
        napi_get_and_clear_last_exception(env.napi(), &result);
        napi_reject_deferred(env.napi(), deferred, result);
        return;
      }
      if (result == nullptr) napi_get_undefined(env.napi(), &result);
      napi_resolve_deferred(env.napi(), deferred, result);
    });
  }

 private:
  std::shared_ptr<Env> env_;
  napi_deferred deferred_ = nullptr;
};

}  // namespace talk
