#include "handle.h"

#include <atomic>
#include <vector>

#include "convert.h"
#include "js.h"

namespace talk {
namespace {

std::atomic<int> live{0};

/// First word of everything an external of this file points to, so that a foreign external is refused
/// instead of read.
enum class Kind : uint32_t { kObject = 0x7a1c0b1e, kBoxed = 0x7a1c0b1f };

struct Head {
  Kind kind;
};

struct ObjectHandle : Head {
  GWeakRef ref;
};

struct BoxedHandle : Head {
  GValue value = G_VALUE_INIT;
};

void free_object(napi_env, void* data, void*) {
  auto* handle = static_cast<ObjectHandle*>(data);
  g_weak_ref_clear(&handle->ref);
  delete handle;
  live--;
}

void free_boxed(napi_env, void* data, void*) {
  auto* handle = static_cast<BoxedHandle*>(data);
  g_value_unset(&handle->value);
  delete handle;
  live--;
}

Head* head_of(napi_env napi, napi_value value) {
  if (js_type(napi, value) != napi_external) return nullptr;
  void* data = nullptr;
  napi_get_value_external(napi, value, &data);
  auto* head = static_cast<Head*>(data);
  if (head == nullptr || (head->kind != Kind::kObject && head->kind != Kind::kBoxed)) return nullptr;
  return head;
}

}  // namespace

napi_value handle_to_js(napi_env napi, GObject* object) {
  if (object == nullptr) return js_null(napi);
  auto* handle = new ObjectHandle;
  handle->kind = Kind::kObject;
  g_weak_ref_init(&handle->ref, object);
  napi_value external = nullptr;
  if (napi_create_external(napi, handle, free_object, nullptr, &external) != napi_ok) {
    g_weak_ref_clear(&handle->ref);
    delete handle;
    return nullptr;
  }
  live++;
  return external;
}

GObject* handle_get(napi_env napi, napi_value value) {
  Head* head = head_of(napi, value);
  if (head == nullptr || head->kind != Kind::kObject) return nullptr;
  return static_cast<GObject*>(g_weak_ref_get(&static_cast<ObjectHandle*>(head)->ref));
}

napi_value boxed_to_js(napi_env napi, const GValue* value) {
  auto* handle = new BoxedHandle;
  handle->kind = Kind::kBoxed;
  g_value_init(&handle->value, G_VALUE_TYPE(value));
  g_value_copy(value, &handle->value);
  live++;
  napi_value external = nullptr;
  if (napi_create_external(napi, handle, free_boxed, nullptr, &external) != napi_ok) free_boxed(napi, handle, nullptr);
  return external;
}

const GValue* boxed_get(napi_env napi, napi_value value) {
  Head* head = head_of(napi, value);
  if (head == nullptr || head->kind != Kind::kBoxed) return nullptr;
  return &static_cast<BoxedHandle*>(head)->value;
}

const char* handle_kind(napi_env napi, napi_value value) {
  if (boxed_get(napi, value) != nullptr) return "boxed";
  Strong<GObject> object(napi, value);
  if (!object) return "gone";
  if (GST_IS_ELEMENT(object.get())) return "element";
  return GST_IS_PAD(object.get()) ? "pad" : "object";
}

std::string object_path(GstObject* object) {
  std::vector<std::string> names;
  bool under_pipeline = false;
  for (GstObject* at = GST_OBJECT(gst_object_ref(object)); at != nullptr;) {
    gchar* name = gst_object_get_name(at);
    names.emplace_back(name);
    g_free(name);
    under_pipeline = GST_IS_PIPELINE(at) && names.size() > 1;
    GstObject* parent = gst_object_get_parent(at);
    gst_object_unref(at);
    at = parent;
  }
  if (under_pipeline) names.pop_back();
  std::string path = names.front();
  for (size_t i = 1; i < names.size(); i++)
    path = names[i] + (i == 1 && GST_IS_PAD(object) ? "." : "/") + path;
  return path;
}

int handle_count() { return live; }

}  // namespace talk
