// Properties that an element of ours has from the stock element it wraps: all of those it does not declare itself, so
// that a launch line written for the stock one works with ours.
#pragma once

#include <gst/gst.h>

#include <memory>
#include <mutex>
#include <vector>

#include "handle.h"

namespace talk {

// Installs the properties of `stock` on `klass`, numbered from `first`; what the class has already stays as it is.
void lend_properties(GObjectClass* klass, GType stock, guint first);

// Their values in one instance: kept until there is somebody to give them to, passed on from then.
class Lent {
 public:
  Lent() = default;
  ~Lent();
  Lent(const Lent&) = delete;

  void set(GParamSpec* pspec, const GValue* value);
  void get(GParamSpec* pspec, GValue* value);
  // From now on this element has them, too; those that were set are set on it, in their order. The first one answers.
  void give(GObject* to);
  void take_back();

 private:
  struct Kept {
    GParamSpec* pspec;
    GValue value;
  };
  const GValue* kept(GParamSpec* pspec) const;
  void keep(GParamSpec* pspec, const GValue* value);

  std::vector<Strong<GObject>> holders();

  std::mutex mutex_;
  std::vector<Kept> kept_;
  std::vector<std::unique_ptr<GWeakRef>> to_;
};

}  // namespace talk
