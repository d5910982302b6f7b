// What TypeScript declares about an element, as plain data. Read once from JS, then shared by every isolate.
#pragma once

#include <gst/gst.h>
#include <node_api.h>

#include <string>
#include <vector>

namespace talk {

enum class Verb { kSource, kTransform, kPipe, kMixer, kSink, kBin };

enum class PropertyType { kString, kPath, kBool, kInt, kUint, kInt64, kUint64, kDouble, kEnum };

// When a property may be set from outside.
enum class Mutable { kNull, kReady, kPlaying };

struct PropertySpec {
  std::string name, blurb, unit;
  PropertyType type = PropertyType::kString;
  double min = 0, max = 0;  // numbers; already completed by TypeScript
  double number = 0;        // default of numbers and bools
  std::string text;         // default of strings and enums
  std::vector<std::string> values;
  Mutable when = Mutable::kNull;
  bool secret = false, readonly = false;
};

struct PadSpec {
  std::string name, caps;
  GstPadDirection direction = GST_PAD_SINK;
  GstPadPresence presence = GST_PAD_ALWAYS;
};

struct ParamSpec {
  std::string name, type;  // string bool int uint int64 uint64 double bytes
};

struct SignalSpec {
  std::string name;
  std::vector<ParamSpec> params;
};

// Which optional methods the author wrote (on the class's prototype), so that nobody asks JS for nothing.
enum Method : uint32_t {
  kHasSetup = 1 << 0,
  kHasEvent = 1 << 1,
  kHasStart = 1 << 2,
  kHasStop = 1 << 3,
  kHasDrain = 1 << 4,
  kHasPadCaps = 1 << 5,
  kHasPadAdded = 1 << 6,
  kHasCreate = 1 << 7,
  kHasMessage = 1 << 8,
};

struct TypeSpec {
  std::string key;  // the whole declaration as text: two registrations are the same when their keys are
  std::string name, type_name, long_name, klass, description, author;
  std::string stock;  // the stock element whose properties it has besides; empty: none
  Verb verb = Verb::kTransform;
  std::vector<PropertySpec> properties;
  std::vector<PadSpec> pads;
  std::vector<SignalSpec> signals;
  uint32_t methods = 0;

  bool live = false;           // source: live unless the property `is-live` says otherwise
  bool in_place = true;        // transform
  bool writable = false;       // pipe: input views may be written
  bool hold = false;           // wait on the clock before the method
  bool manual_epoch = false;   // no automatic dropping after a cut
  bool sync = true;            // sink: default of `sync`
  GstClockTime hold_ahead = 0; // released this much earlier, for the method's own work
  GstClockTime hold_chunk = 0; // raw audio: waits in pieces this long, and the method sees stale ones only
  guint queue_in = 16, queue_out = 16;

  // Not-in-place transform: what becomes of caps, as rules of data (never a JS round trip).
  std::vector<std::string> keep;  // fields that pass unchanged between sink and src
  guint unit_in = 0, unit_out = 0;  // bytes of one unit where caps do not tell (0: caps tell)
};

// Reads the declaration; TypeScript has checked it.
TypeSpec read_spec(napi_env napi, napi_value js);

}  // namespace talk
