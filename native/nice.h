// Who comes first when cores are short.
#pragma once

#include <gst/gst.h>
#include <sys/resource.h>
#include <unistd.h>

namespace talk {

// Steps of `nice`. One JS thread serves all sessions: an encoder of one session must not keep all others waiting.
constexpr int kStepsBack = 5;

// A streaming thread says that it begins, in itself (GStreamer's manual names this the place for priorities). GLib keeps
// threads for the next task, so the number is absolute, and a thread that stands further back already stays there.
inline void stand_back(GstMessage* message) {
#ifdef __linux__
  GstStreamStatusType type;
  gst_message_parse_stream_status(message, &type, nullptr);
  if (type != GST_STREAM_STATUS_TYPE_ENTER) return;
  const int steps = getpriority(PRIO_PROCESS, getpid()) + kStepsBack;
  if (getpriority(PRIO_PROCESS, 0) < steps) setpriority(PRIO_PROCESS, 0, steps);
#endif
}

}  // namespace talk
