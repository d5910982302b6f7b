// What the element half keeps per isolate, touched on its JS thread only: the instances and open calls by number,
// memory lent to JS, and the small shared array that carries the numbers of a frame across the border.
#pragma once

#include <gst/gst.h>
#include <node_api.h>

#include <cstdint>
#include <memory>
#include <unordered_map>

#include "env.h"

namespace talk {

class Call;
class Element;
class Loan;

// Slots of the shared Float64Array. src/element/wire.ts has the same table. Times are ns, -1 when there is none.
namespace slot {
constexpr int kPts = 0, kDts = 1, kDuration = 2, kOffset = 3, kFlags = 4;
constexpr int kPlanes = 5;  // how many planes of a picture are described behind it, four numbers each
constexpr int kPlane = 6;   // offset, stride, width, height
constexpr int kToken = 22;
constexpr int kOut = 32;  // from here on: the same, for frames from JS to C++
constexpr int kAt = 5;    // of an outgoing frame: not to be pushed before this running time
constexpr int kCount = 64;
}  // namespace slot

// Bits of slot kFlags.
namespace frame_flag {
constexpr uint32_t kGap = 1, kDiscont = 2, kHeader = 4, kDelta = 8, kStale = 16, kDroppable = 32;
}  // namespace frame_flag

// A way from JS, which knows numbers, to an instance that may be gone at any time.
class Peer {
 public:
  explicit Peer(Element* element, GstElement* gst) : element_(element) { g_weak_ref_init(&ref_, gst); }
  ~Peer() { g_weak_ref_clear(&ref_); }
  Peer(const Peer&) = delete;

  // The instance, with a reference that keeps it; null when it is gone.
  class Held {
   public:
    explicit Held(Peer* peer)
        : object_(peer != nullptr ? g_weak_ref_get(&peer->ref_) : nullptr),
          element_(object_ != nullptr ? peer->element_ : nullptr) {}
    ~Held() {
      if (object_ != nullptr) g_object_unref(object_);
    }
    Held(const Held&) = delete;
    Element* operator->() const { return element_; }
    Element* get() const { return element_; }
    explicit operator bool() const { return element_ != nullptr; }

   private:
    gpointer object_;
    Element* element_;
  };

 private:
  GWeakRef ref_;
  Element* element_;
};

class JsSide {
 public:
  static JsSide& of(Env& env);
  // Makes it, and adds the shared array to the exports as `header`.
  static void open(Env& env, napi_value exports);

  explicit JsSide(Env& e) : env(e) {}
  napi_env napi() const { return env.napi(); }

  uint32_t next_instance() { return ++last_instance_; }
  uint32_t next_call() { return ++last_call_; }
  Peer::Held instance(uint32_t id);
  // What is still open when the isolate ends.
  void abandon_all();

  Env& env;
  double* header = nullptr;
  std::unordered_map<uint32_t, std::shared_ptr<Peer>> instances;
  std::unordered_map<uint32_t, Call*> calls;     // one reference each
  std::unordered_multimap<const void*, Loan*> loans;  // by address of the lent memory

 private:
  napi_ref keep_ = nullptr;  // of the shared array
  uint32_t last_instance_ = 0;
  uint32_t last_call_ = 0;
};

}  // namespace talk
