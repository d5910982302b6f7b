// GLib values, structures and caps <-> JavaScript values. One place, so that a property, a message field, an event
// field and a caps field all look the same in TypeScript.
//
//   integers, floats       number (64-bit integers beyond 2^53 lose precision; times do so after 104 days)
//   GST_CLOCK_TIME_NONE    undefined, for fields that are times (see time_to_js)
//   fraction               { num, den }
//   enum, flags            nick string ("left+right" for flags)
//   list, array            array
//   range                  { min, max } (step left out when 1)
//   caps, structure        text, as gst_caps_to_string writes it
//   bytes, buffer          Uint8Array (a copy)
//   object                 { type, name } for a GstObject, { type } otherwise
#pragma once

#include <gst/gst.h>
#include <node_api.h>

#include <string>

namespace talk {

napi_value gvalue_to_js(napi_env napi, const GValue* value);

// Fills an initialised GValue from JS. Accepts strings for every type GStreamer can deserialise. On failure the
// result is a sentence for a person, else empty.
std::string js_to_gvalue(napi_env napi, napi_value js, GValue* value);

// {field: value, …} of a structure.
napi_value structure_to_js(napi_env napi, const GstStructure* structure);
// A structure from a flat record: integers become int (int64 past 32 bits), other numbers double, BigInt int64.
GstStructure* js_to_structure(napi_env napi, const char* name, napi_value fields);

// {name, features?, fields} of the first structure; null for empty or ANY caps.
napi_value caps_to_js(napi_env napi, const GstCaps* caps);

// Nanoseconds, undefined for GST_CLOCK_TIME_NONE.
napi_value time_to_js(napi_env napi, GstClockTime time);
// GST_CLOCK_TIME_NONE for undefined, null, NaN and negative numbers.
GstClockTime js_to_time(napi_env napi, napi_value value);

// An integer field of any integer or floating type; `otherwise` when it is absent or not a number.
gint64 structure_int64(const GstStructure* structure, const char* field, gint64 otherwise);

}  // namespace talk
