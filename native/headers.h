// What most files include, compiled once (build.mjs). Each file still names what it uses; this only makes that quick.
#ifndef TALK_HEADERS_H
#define TALK_HEADERS_H

#include <gst/gst.h>
#include <node_api.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>
#include <utility>
#include <vector>

#endif
