// What JS holds of a GObject: a weak reference, so that a forgotten handle never keeps a pipeline alive and
// its finalizer never takes anything down on the JS thread. Boxed values that have no JS form travel as
// opaque copies (a WebRTC session description from one signal into the next).
#pragma once

#include <gst/gst.h>
#include <node_api.h>

#include <string>

namespace talk {

/// An external that refers to `object` weakly; null for NULL.
napi_value handle_to_js(napi_env napi, GObject* object);

/// A new strong reference to what the handle refers to, or nullptr when it is gone. Release with g_object_unref.
GObject* handle_get(napi_env napi, napi_value handle);

/// An external that owns a copy of `value`.
napi_value boxed_to_js(napi_env napi, const GValue* value);

/// The value inside such an external, or nullptr when `value` is something else. Valid while JS holds it.
const GValue* boxed_get(napi_env napi, napi_value value);

/// 'element' | 'pad' | 'object' | 'gone' | 'boxed': what TypeScript wraps the external in.
const char* handle_kind(napi_env napi, napi_value handle);

/// Names from below the pipeline down to the object, joined with '/': `mix`, `out/mux`, `out/mux.sink_0` for a pad.
/// The pipeline itself is its own name.
std::string object_path(GstObject* object);

/// Live handles in this process, for the tests that count.
int handle_count();

/// A strong reference for the length of a block.
template <typename T>
class Strong {
 public:
  explicit Strong(T* object) : object_(object) {}
  Strong(napi_env napi, napi_value handle) : object_(reinterpret_cast<T*>(handle_get(napi, handle))) {}
  Strong(Strong&& other) noexcept : object_(other.object_) { other.object_ = nullptr; }
  Strong(const Strong& other) : object_(other.object_) {
    if (object_ != nullptr) g_object_ref(object_);
  }
  Strong& operator=(const Strong&) = delete;
  ~Strong() {
    if (object_ != nullptr) g_object_unref(object_);
  }
  T* get() const { return object_; }
  explicit operator bool() const { return object_ != nullptr; }

 private:
  T* object_;
};

}  // namespace talk
