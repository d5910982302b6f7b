#include "js.h"

namespace talk {

Args::Args(napi_env napi, napi_callback_info info) : napi_(napi) {
  if (napi_get_cb_info(napi, info, &count_, values_, nullptr, nullptr) != napi_ok) count_ = 0;
  if (count_ > kMax) count_ = kMax;
}

bool Args::given(size_t i) const { return i < count_ && !js_is_nullish(napi_, values_[i]); }
double Args::number(size_t i) const { return i < count_ ? js_to_number(napi_, values_[i]) : 0; }
bool Args::boolean(size_t i) const { return i < count_ && js_to_bool(napi_, values_[i]); }
std::string Args::string(size_t i) const { return i < count_ ? js_to_string(napi_, values_[i]) : std::string(); }

void define_raw(napi_env napi, napi_value exports, const char* name, napi_callback callback) {
  napi_value function;
  if (napi_create_function(napi, name, NAPI_AUTO_LENGTH, callback, nullptr, &function) != napi_ok) return;
  napi_set_named_property(napi, exports, name, function);
}

napi_value js_undefined(napi_env napi) {
  napi_value value = nullptr;
  napi_get_undefined(napi, &value);
  return value;
}

napi_value js_null(napi_env napi) {
  napi_value value = nullptr;
  napi_get_null(napi, &value);
  return value;
}

napi_value js_number(napi_env napi, double number) {
  napi_value value = nullptr;
  napi_create_double(napi, number, &value);
  return value;
}

napi_value js_bool(napi_env napi, bool truth) {
  napi_value value = nullptr;
  napi_get_boolean(napi, truth, &value);
  return value;
}

napi_value js_string(napi_env napi, const char* text) {
  if (text == nullptr) return js_null(napi);
  napi_value value = nullptr;
  napi_create_string_utf8(napi, text, NAPI_AUTO_LENGTH, &value);
  return value;
}

napi_value js_string(napi_env napi, const std::string& text) {
  napi_value value = nullptr;
  napi_create_string_utf8(napi, text.data(), text.size(), &value);
  return value;
}

napi_value js_object(napi_env napi) {
  napi_value value = nullptr;
  napi_create_object(napi, &value);
  return value;
}

napi_value js_array(napi_env napi) {
  napi_value value = nullptr;
  napi_create_array(napi, &value);
  return value;
}

void js_set(napi_env napi, napi_value object, const char* key, napi_value value) {
  if (value != nullptr) napi_set_named_property(napi, object, key, value);
}

void js_push(napi_env napi, napi_value array, napi_value value) {
  uint32_t length = 0;
  napi_get_array_length(napi, array, &length);
  if (value != nullptr) napi_set_element(napi, array, length, value);
}

napi_value js_get(napi_env napi, napi_value object, const char* key) {
  napi_value value = nullptr;
  if (napi_get_named_property(napi, object, key, &value) != napi_ok) return js_undefined(napi);
  return value;
}

bool js_is_nullish(napi_env napi, napi_value value) {
  napi_valuetype type = napi_undefined;
  if (value == nullptr || napi_typeof(napi, value, &type) != napi_ok) return true;
  return type == napi_undefined || type == napi_null;
}

double js_to_number(napi_env napi, napi_value value, double otherwise) {
  double number = otherwise;
  if (value == nullptr || napi_get_value_double(napi, value, &number) != napi_ok) return otherwise;
  return number;
}

bool js_to_bool(napi_env napi, napi_value value) {
  bool truth = false;
  if (value == nullptr || napi_get_value_bool(napi, value, &truth) != napi_ok) return false;
  return truth;
}

std::string js_to_string(napi_env napi, napi_value value) {
  size_t length = 0;
  if (value == nullptr || napi_get_value_string_utf8(napi, value, nullptr, 0, &length) != napi_ok) return {};
  std::string text(length, '\0');
  // Node-API writes a terminating zero as well: std::string has room for it behind its data.
  napi_get_value_string_utf8(napi, value, text.data(), length + 1, &length);
  return text;
}

void js_throw(napi_env napi, const std::string& message) { napi_throw_error(napi, nullptr, message.c_str()); }

}  // namespace talk
