// A clock for tests: it stands still until it is moved. Like GstTestClock it knows who waits for it; unlike it, a wait
// for a time that has come already returns at once, so one long step lets everything run that was due.
#pragma once

#include <gst/gst.h>

#include <cstddef>
#include <functional>

namespace talk {

// A new clock at 0. `changed` is called, without any lock, when somebody begins or ends to wait.
GstClock* test_clock_new(std::function<void()> changed);

bool is_test_clock(GstClock* clock);

// Moves to `time` and ends the waits that are due. False, and nothing done, when that time has passed.
bool test_clock_set(GstClock* clock, GstClockTime time);

// Waits for a time that is still to come.
size_t test_clock_waiting(GstClock* clock);

// The earliest of them; GST_CLOCK_TIME_NONE without any.
GstClockTime test_clock_next(GstClock* clock);

// Moves to the earliest time that somebody waits for; GST_CLOCK_TIME_NONE, and nothing done, when nobody does.
GstClockTime test_clock_crank(GstClock* clock);

}  // namespace talk
