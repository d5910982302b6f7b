// GValue <-> JS for what crosses between TypeScript and *stock* elements: properties, signal arguments, message
// structures. value.h with three things more: 64-bit integers are exact (bigint beyond 2^53), objects are handles
// that can be used and passed back, and a wrong value is answered with what was expected instead.
//
//   structure   {name, fields}                      GObject       handle (handle.h)
//   sample      {data, pts?, …, caps}               tag list      {tag: value or array}
//   buffer      {data, pts?, dts?, duration?, …}    other boxed   opaque external, can be passed back
#pragma once

#include <gst/gst.h>
#include <node_api.h>

#include <string>

namespace talk {

/// Largest integer a JS number holds exactly.
constexpr int64_t kSafeInteger = (INT64_C(1) << 53) - 1;

/// The kind of a JS value; undefined for a null handle.
napi_valuetype js_type(napi_env napi, napi_value value);

napi_value to_js(napi_env napi, const GValue* value);

/// The fields of a structure as a flat object; empty for NULL.
napi_value fields_to_js(napi_env napi, const GstStructure* structure);

/// All tags of a list, each a single value or, when it has several, an array.
napi_value tags_to_js(napi_env napi, const GstTagList* tags);

/// A Uint8Array with a copy of the bytes.
napi_value bytes_to_js(napi_env napi, const void* data, size_t size);

/// A copy of the buffer's bytes with its times and set flags (gap, discont, header, delta, marker, corrupted).
napi_value buffer_to_js(napi_env napi, GstBuffer* buffer);

/// A number while exact, else a bigint.
napi_value integer_to_js(napi_env napi, int64_t n);
napi_value uinteger_to_js(napi_env napi, uint64_t n);

/// Initialises `out` with `type` and fills it from JS. Returns an empty string, or what was expected instead
/// ("a number from 1 to 100"), for TypeScript to make the sentence of. `spec` may be nullptr.
std::string from_js(napi_env napi, napi_value value, GType type, GParamSpec* spec, GValue* out);

/// A structure from a flat object; nullptr, and `expected` filled, when a field has no GStreamer form.
GstStructure* structure_from_js(napi_env napi, const char* name, napi_value fields, std::string* expected);

}  // namespace talk
