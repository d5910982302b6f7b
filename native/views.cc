// How JS sees the buffers of a call: small ones as copies, large ones where they lie.
#include <cstring>

#include "call.h"
#include "frames.h"
#include "js.h"

namespace talk {

namespace {

// Up to this many bytes a view is a copy. Over foreign memory Node makes a tracked Buffer: a hook at the environment, and
// once it is detached an immediate that wakes the event loop again (node_buffer.cc, CallbackInfo). In a live stream, where
// all that code is cold, it cost 15 to 20 us a hop; back to back the two meet at 4 to 8 KB (measured on Node 20).
constexpr size_t kCopied = 8192;

napi_value array_of(napi_env napi, const View& view) {
  napi_value array = view.array;
  if (array == nullptr && view.keep != nullptr) napi_get_reference_value(napi, view.keep, &array);
  return array;
}

// The bytes that JS sees; null once it has given them away (to a worker, by transfer).
void* seen_by_js(napi_env napi, const View& view) {
  void* data = nullptr;
  size_t size = 0;
  napi_value array = array_of(napi, view);
  if (array == nullptr || napi_get_arraybuffer_info(napi, array, &data, &size) != napi_ok) return nullptr;
  return size == view.map.size ? data : nullptr;
}

}  // namespace

View* Call::add_view(GstBuffer* buffer, GstMapFlags map_flags) {
  View view;
  // Mapped before our reference is taken: a second reference would make the buffer read-only.
  if (!gst_buffer_map(buffer, &view.map, map_flags)) return nullptr;
  view.mapped = true;
  view.buffer = gst_buffer_ref(buffer);
  views.push_back(std::move(view));
  return &views.back();
}

napi_value Call::view_array(JsSide& side, View& view) {
  view.watch.lent(view.map);
  view.copied = view.map.size > 0 && view.map.size <= kCopied;
  void* copy = nullptr;
  if (!view.copied) {
    view.array = foreign_array(side.napi(), view.map.data, view.map.size);
  } else if (napi_create_arraybuffer(side.napi(), view.map.size, &copy, &view.array) == napi_ok) {
    if ((view.map.flags & GST_MAP_READ) != 0) std::memcpy(copy, view.map.data, view.map.size);
  }
  return view.array != nullptr ? view.array : js_undefined(side.napi());
}

bool Call::wrote_read_only() const {
  if (shown_to_ == nullptr) return false;
  for (const View& view : views) {
    if (view.mapped && view.watch.broken(view.copied ? seen_by_js(shown_to_, view) : view.map.data)) return true;
  }
  return false;
}

void Call::release_views(napi_env napi) {
  for (View& view : views) {
    if (napi != nullptr && view.mapped && view.copied && (view.map.flags & GST_MAP_WRITE) != 0) {
      if (const void* written = seen_by_js(napi, view)) std::memcpy(view.map.data, written, view.map.size);
    }
    if (napi != nullptr && !view.copied) {
      napi_value array = array_of(napi, view);
      // First of all JS loses its way to the memory.
      if (array != nullptr) napi_detach_arraybuffer(napi, array);
    }
    if (view.mapped) gst_buffer_unmap(view.buffer, &view.map);
    view.mapped = false;
    if (view.buffer != nullptr) gst_buffer_unref(view.buffer);
    view.buffer = nullptr;
  }
}

// What is JS's own can wait until the streaming thread goes on.
void Call::forget_views(napi_env napi) {
  for (View& view : views) {
    if (view.copied) {
      napi_value array = array_of(napi, view);
      if (array != nullptr) napi_detach_arraybuffer(napi, array);
    }
    if (view.keep != nullptr) napi_delete_reference(napi, view.keep);
    view.array = nullptr;
    view.keep = nullptr;
  }
}

}  // namespace talk
