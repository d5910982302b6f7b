// Thin Node-API helpers: typed arguments in, plain values out. TypeScript has checked everything before; what is
// wrong here is a bug of ours, so the getters fall back to zero values instead of throwing.
#pragma once

#include <node_api.h>

#include <cstddef>
#include <cstdint>
#include <string>

#include "env.h"

namespace talk {

// The arguments of a call from JS.
class Args {
 public:
  static constexpr size_t kMax = 10;
  Args(napi_env napi, napi_callback_info info);
  size_t count() const { return count_; }
  napi_value operator[](size_t i) const { return values_[i]; }
  bool given(size_t i) const;  // present, neither undefined nor null
  double number(size_t i) const;
  int64_t int64(size_t i) const { return static_cast<int64_t>(number(i)); }
  uint32_t u32(size_t i) const { return static_cast<uint32_t>(number(i)); }
  bool boolean(size_t i) const;
  std::string string(size_t i) const;

 private:
  napi_env napi_;
  size_t count_ = kMax;
  napi_value values_[kMax];
};

using JsFunction = napi_value (*)(Env& env, const Args& args);

void define_raw(napi_env napi, napi_value exports, const char* name, napi_callback callback);

// Adds `F` to `exports` as a function called `name`. Null results become undefined.
template <JsFunction F>
void define(Env& env, napi_value exports, const char* name) {
  define_raw(env.napi(), exports, name, [](napi_env napi, napi_callback_info info) -> napi_value {
    Env* self = Env::current();
    if (self == nullptr || self->closed()) return nullptr;
    const Args args(napi, info);
    return F(*self, args);
  });
}

napi_value js_undefined(napi_env napi);
napi_value js_null(napi_env napi);
napi_value js_number(napi_env napi, double value);
napi_value js_bool(napi_env napi, bool value);
napi_value js_string(napi_env napi, const char* text);  // null text: JS null
napi_value js_string(napi_env napi, const std::string& text);
napi_value js_object(napi_env napi);
napi_value js_array(napi_env napi);
void js_set(napi_env napi, napi_value object, const char* key, napi_value value);
void js_push(napi_env napi, napi_value array, napi_value value);
napi_value js_get(napi_env napi, napi_value object, const char* key);  // undefined when absent
bool js_is_nullish(napi_env napi, napi_value value);
double js_to_number(napi_env napi, napi_value value, double otherwise = 0);
bool js_to_bool(napi_env napi, napi_value value);
std::string js_to_string(napi_env napi, napi_value value);

// Throws a JS Error with this message; the caller returns null at once.
void js_throw(napi_env napi, const std::string& message);

}  // namespace talk
