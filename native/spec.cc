#include "spec.h"

#include "js.h"
#include "value.h"

namespace talk {

namespace {

template <typename T, size_t N>
T pick(const std::string& word, const std::pair<const char*, T> (&table)[N], T otherwise) {
  for (const auto& [name, value] : table) {
    if (word == name) return value;
  }
  return otherwise;
}

std::string text_of(napi_env napi, napi_value object, const char* key) {
  return js_to_string(napi, js_get(napi, object, key));
}

bool flag_of(napi_env napi, napi_value object, const char* key) {
  return js_to_bool(napi, js_get(napi, object, key));
}

double number_of(napi_env napi, napi_value object, const char* key, double otherwise = 0) {
  return js_to_number(napi, js_get(napi, object, key), otherwise);
}

template <typename F>
void each(napi_env napi, napi_value array, F&& body) {
  uint32_t length = 0;
  if (js_is_nullish(napi, array) || napi_get_array_length(napi, array, &length) != napi_ok) return;
  for (uint32_t i = 0; i < length; i++) {
    napi_value item = nullptr;
    napi_get_element(napi, array, i, &item);
    body(item);
  }
}

PropertySpec read_property(napi_env napi, napi_value js) {
  static const std::pair<const char*, PropertyType> kTypes[] = {
      {"string", PropertyType::kString}, {"path", PropertyType::kPath},     {"bool", PropertyType::kBool},
      {"int", PropertyType::kInt},       {"uint", PropertyType::kUint},     {"int64", PropertyType::kInt64},
      {"uint64", PropertyType::kUint64}, {"double", PropertyType::kDouble}, {"enum", PropertyType::kEnum},
  };
  static const std::pair<const char*, Mutable> kWhen[] = {{"ready", Mutable::kReady}, {"playing", Mutable::kPlaying}};
  PropertySpec spec;
  spec.name = text_of(napi, js, "name");
  spec.blurb = text_of(napi, js, "blurb");
  spec.unit = text_of(napi, js, "unit");
  spec.type = pick(text_of(napi, js, "type"), kTypes, PropertyType::kString);
  spec.when = pick(text_of(napi, js, "mutable"), kWhen, Mutable::kNull);
  spec.min = number_of(napi, js, "min");
  spec.max = number_of(napi, js, "max");
  spec.secret = flag_of(napi, js, "secret");
  spec.readonly = flag_of(napi, js, "readonly");
  napi_value initial = js_get(napi, js, "default");
  if (spec.type == PropertyType::kBool) {
    spec.number = js_to_bool(napi, initial) ? 1 : 0;
  } else if (spec.type == PropertyType::kString || spec.type == PropertyType::kPath ||
             spec.type == PropertyType::kEnum) {
    spec.text = js_to_string(napi, initial);
  } else {
    spec.number = js_to_number(napi, initial);
  }
  each(napi, js_get(napi, js, "values"),
       [&](napi_value value) { spec.values.push_back(js_to_string(napi, value)); });
  return spec;
}

}  // namespace

TypeSpec read_spec(napi_env napi, napi_value js) {
  static const std::pair<const char*, Verb> kVerbs[] = {
      {"source", Verb::kSource}, {"transform", Verb::kTransform}, {"pipe", Verb::kPipe},
      {"mixer", Verb::kMixer},   {"sink", Verb::kSink},           {"bin", Verb::kBin},
  };
  static const std::pair<const char*, GstPadPresence> kPresence[] = {{"request", GST_PAD_REQUEST},
                                                                     {"sometimes", GST_PAD_SOMETIMES}};
  TypeSpec spec;
  spec.key = text_of(napi, js, "key");
  spec.name = text_of(napi, js, "name");
  spec.type_name = text_of(napi, js, "typeName");
  spec.long_name = text_of(napi, js, "longName");
  spec.klass = text_of(napi, js, "klass");
  spec.description = text_of(napi, js, "description");
  spec.author = text_of(napi, js, "author");
  spec.stock = text_of(napi, js, "stock");
  spec.verb = pick(text_of(napi, js, "verb"), kVerbs, Verb::kTransform);
  spec.methods = static_cast<uint32_t>(number_of(napi, js, "methods"));
  spec.live = flag_of(napi, js, "live");
  spec.in_place = flag_of(napi, js, "inPlace");
  spec.writable = flag_of(napi, js, "writable");
  spec.hold = flag_of(napi, js, "hold");
  spec.manual_epoch = flag_of(napi, js, "manualEpoch");
  spec.sync = flag_of(napi, js, "sync");
  spec.hold_ahead = static_cast<GstClockTime>(number_of(napi, js, "holdAhead"));
  spec.hold_chunk = static_cast<GstClockTime>(number_of(napi, js, "holdChunk"));
  spec.queue_in = static_cast<guint>(number_of(napi, js, "queueIn", 16));
  spec.queue_out = static_cast<guint>(number_of(napi, js, "queueOut", 16));
  spec.unit_in = static_cast<guint>(number_of(napi, js, "unitIn"));
  spec.unit_out = static_cast<guint>(number_of(napi, js, "unitOut"));
  each(napi, js_get(napi, js, "keep"), [&](napi_value item) { spec.keep.push_back(js_to_string(napi, item)); });
  each(napi, js_get(napi, js, "properties"),
       [&](napi_value item) { spec.properties.push_back(read_property(napi, item)); });
  each(napi, js_get(napi, js, "pads"), [&](napi_value item) {
    PadSpec pad;
    pad.name = text_of(napi, item, "name");
    pad.caps = text_of(napi, item, "caps");
    pad.direction = text_of(napi, item, "direction") == "src" ? GST_PAD_SRC : GST_PAD_SINK;
    pad.presence = pick(text_of(napi, item, "presence"), kPresence, GST_PAD_ALWAYS);
    spec.pads.push_back(std::move(pad));
  });
  each(napi, js_get(napi, js, "signals"), [&](napi_value item) {
    SignalSpec signal;
    signal.name = text_of(napi, item, "name");
    each(napi, js_get(napi, item, "params"), [&](napi_value param) {
      signal.params.push_back({text_of(napi, param, "name"), text_of(napi, param, "type")});
    });
    spec.signals.push_back(std::move(signal));
  });
  return spec;
}

}  // namespace talk
