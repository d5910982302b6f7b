// What a file may make GStreamer do by itself.
#pragma once

namespace talk {

// Takes elements that open what a file names, from the net or from this machine, out of what decodebin plugs by itself: a sound
// or a video that somebody uploads may be a list of addresses in disguise, behind an ID3 tag or with a zero byte in it. In a
// launch line they work as ever. What GST_PLUGIN_FEATURE_RANK names is left as that says. Once, after gst_init.
void keep_files_to_themselves();

}  // namespace talk
