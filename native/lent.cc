#include "lent.h"

namespace talk {

namespace {

// A pspec belongs to one class, so ours gets a copy, with `initial` as default. Its strings live on: the stock class is
// never let go.
GParamSpec* copy_of(GParamSpec* from, const GValue* initial) {
  const char* name = from->name;
  const char* nick = g_param_spec_get_nick(from);
  const char* blurb = g_param_spec_get_blurb(from);
  const auto flags = static_cast<GParamFlags>((from->flags & ~G_PARAM_CONSTRUCT) | G_PARAM_STATIC_STRINGS);
  if (G_IS_PARAM_SPEC_BOOLEAN(from)) {
    return g_param_spec_boolean(name, nick, blurb, g_value_get_boolean(initial), flags);
  }
  if (G_IS_PARAM_SPEC_INT(from)) {
    const auto* p = G_PARAM_SPEC_INT(from);
    return g_param_spec_int(name, nick, blurb, p->minimum, p->maximum, g_value_get_int(initial), flags);
  }
  if (G_IS_PARAM_SPEC_UINT(from)) {
    const auto* p = G_PARAM_SPEC_UINT(from);
    return g_param_spec_uint(name, nick, blurb, p->minimum, p->maximum, g_value_get_uint(initial), flags);
  }
  if (G_IS_PARAM_SPEC_INT64(from)) {
    const auto* p = G_PARAM_SPEC_INT64(from);
    return g_param_spec_int64(name, nick, blurb, p->minimum, p->maximum, g_value_get_int64(initial), flags);
  }
  if (G_IS_PARAM_SPEC_UINT64(from)) {
    const auto* p = G_PARAM_SPEC_UINT64(from);
    return g_param_spec_uint64(name, nick, blurb, p->minimum, p->maximum, g_value_get_uint64(initial), flags);
  }
  if (G_IS_PARAM_SPEC_DOUBLE(from)) {
    const auto* p = G_PARAM_SPEC_DOUBLE(from);
    return g_param_spec_double(name, nick, blurb, p->minimum, p->maximum, g_value_get_double(initial), flags);
  }
  if (G_IS_PARAM_SPEC_ENUM(from)) {
    return g_param_spec_enum(name, nick, blurb, from->value_type, g_value_get_enum(initial), flags);
  }
  if (G_IS_PARAM_SPEC_FLAGS(from)) {
    return g_param_spec_flags(name, nick, blurb, from->value_type, g_value_get_flags(initial), flags);
  }
  if (G_IS_PARAM_SPEC_STRING(from)) {
    return g_param_spec_string(name, nick, blurb, g_value_get_string(initial), flags);
  }
  if (G_IS_PARAM_SPEC_BOXED(from)) return g_param_spec_boxed(name, nick, blurb, from->value_type, flags);
  return nullptr;
}

}  // namespace

void lend_properties(GObjectClass* klass, GType stock, guint first) {
  auto* from = G_OBJECT_CLASS(g_type_class_ref(stock));
  guint count = 0;
  GParamSpec** list = g_object_class_list_properties(from, &count);
  // What a new one has: a subclass may change the default that its base class declared.
  const Strong<GObject> sample(G_OBJECT(g_object_ref_sink(g_object_new(stock, nullptr))));
  for (guint i = 0; i < count; i++) {
    if (g_object_class_find_property(klass, list[i]->name) != nullptr) continue;
    if ((list[i]->flags & G_PARAM_CONSTRUCT_ONLY) != 0) continue;
    GValue initial = G_VALUE_INIT;
    g_value_init(&initial, list[i]->value_type);
    if ((list[i]->flags & G_PARAM_READABLE) != 0) {
      g_object_get_property(sample.get(), list[i]->name, &initial);
    } else {
      g_param_value_set_default(list[i], &initial);
    }
    if (GParamSpec* copy = copy_of(list[i], &initial)) g_object_class_install_property(klass, first++, copy);
    g_value_unset(&initial);
  }
  g_free(list);
}

Lent::~Lent() {
  for (Kept& one : kept_) g_value_unset(&one.value);
  take_back();
}

void Lent::take_back() {
  std::lock_guard<std::mutex> lock(mutex_);
  for (const auto& one : to_) g_weak_ref_clear(one.get());
  to_.clear();
}

std::vector<Strong<GObject>> Lent::holders() {
  std::lock_guard<std::mutex> lock(mutex_);
  std::vector<Strong<GObject>> found;
  for (const auto& one : to_) {
    Strong<GObject> holder(static_cast<GObject*>(g_weak_ref_get(one.get())));
    if (holder) found.push_back(std::move(holder));
  }
  return found;
}

const GValue* Lent::kept(GParamSpec* pspec) const {
  for (const Kept& one : kept_) {
    if (one.pspec == pspec) return &one.value;
  }
  return nullptr;
}

void Lent::keep(GParamSpec* pspec, const GValue* value) {
  if (auto* known = const_cast<GValue*>(kept(pspec))) {
    g_value_copy(value, known);
    return;
  }
  kept_.push_back({pspec, G_VALUE_INIT});
  g_value_init(&kept_.back().value, G_VALUE_TYPE(value));
  g_value_copy(value, &kept_.back().value);
}

void Lent::set(GParamSpec* pspec, const GValue* value) {
  {
    std::lock_guard<std::mutex> lock(mutex_);
    keep(pspec, value);
  }
  for (const auto& to : holders()) g_object_set_property(to.get(), pspec->name, value);
}

void Lent::get(GParamSpec* pspec, GValue* value) {
  const auto from = holders();
  if (!from.empty()) {
    g_object_get_property(from.front().get(), pspec->name, value);
    return;
  }
  std::lock_guard<std::mutex> lock(mutex_);
  if (const GValue* known = kept(pspec)) {
    g_value_copy(known, value);
  } else {
    g_param_value_set_default(pspec, value);
  }
}

void Lent::give(GObject* to) {
  std::lock_guard<std::mutex> lock(mutex_);
  to_.push_back(std::make_unique<GWeakRef>());
  g_weak_ref_init(to_.back().get(), to);
  for (const Kept& one : kept_) g_object_set_property(to, one.pspec->name, &one.value);
}

}  // namespace talk
