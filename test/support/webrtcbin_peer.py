"""A player that is not ours: GStreamer's webrtcbin. It tells what it sees and hears, a JSON line each, as aiortc_peer.py does.

Prints an offer, reads {"answer": …} from stdin. Times are those at which it would play: webrtcbin has synchronised both by then.
"""
import json
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstSdp", "1.0")
gi.require_version("GstWebRTC", "1.0")
from gi.repository import GLib, Gst, GstSdp, GstWebRTC  # noqa: E402

Gst.init(None)

OFFERED = {
    "video": "application/x-rtp,media=video,encoding-name=H264,payload=102,clock-rate=90000,packetization-mode=(string)1,"
    "profile-level-id=(string)42e01f",
    "audio": "application/x-rtp,media=audio,encoding-name=OPUS,payload=111,clock-rate=48000,encoding-params=(string)2",
}
DECODED = {
    "video": "queue ! rtph264depay ! avdec_h264 max-threads=1 ! videoconvert ! videoscale "
    "! video/x-raw,format=GRAY8,width=16,height=16 ! appsink name=out sync=false emit-signals=true max-buffers=500",
    "audio": "queue ! rtpopusdepay ! opusdec ! audioconvert ! audioresample ! audio/x-raw,format=S16LE,channels=1,rate=48000 "
    "! appsink name=out sync=false emit-signals=true max-buffers=500",
}
SECOND = 1e9


SAYING = threading.Lock()


def say(**line):
    # Two threads tell, picture and sound: their lines must not run into one another.
    with SAYING:
        print(json.dumps(line), flush=True)


class Player:
    def __init__(self):
        self.pipeline = Gst.Pipeline.new("player")
        self.rtc = Gst.ElementFactory.make("webrtcbin", "rtc")
        self.rtc.set_property("bundle-policy", GstWebRTC.WebRTCBundlePolicy.MAX_BUNDLE)
        self.rtc.set_property("latency", 150)
        self.pipeline.add(self.rtc)
        self.offered = False
        self.frames = 0
        self.white = True
        self.quiet = 0
        self.rtc.connect("pad-added", self.added)
        self.rtc.connect("notify::ice-gathering-state", self.gathered)
        self.rtc.connect("notify::connection-state", lambda rtc, _: say(state=rtc.get_property("connection-state").value_nick))
        self.pipeline.set_state(Gst.State.PLAYING)
        for caps in OFFERED.values():
            self.rtc.emit("add-transceiver", GstWebRTC.WebRTCRTPTransceiverDirection.RECVONLY, Gst.Caps.from_string(caps))
        self.rtc.emit("create-offer", None, Gst.Promise.new_with_change_func(self.made))

    def made(self, promise):
        # Kept, because the offer is only lent by it.
        self.reply = promise.get_reply()
        self.rtc.emit("set-local-description", self.reply.get_value("offer"), Gst.Promise.new())

    def gathered(self, rtc, _):
        done = rtc.get_property("ice-gathering-state") == GstWebRTC.WebRTCICEGatheringState.COMPLETE
        if done and not self.offered:
            self.offered = True
            say(offer=rtc.get_property("local-description").sdp.as_text())

    def answer(self, text):
        _, message = GstSdp.SDPMessage.new_from_text(text)
        kind = GstWebRTC.WebRTCSDPType.ANSWER
        # Kept: the description and what it was made of must not both be freed.
        self.description = GstWebRTC.WebRTCSessionDescription.new(kind, message)
        self.rtc.emit("set-remote-description", self.description, Gst.Promise.new())

    def added(self, _, pad):
        if pad.direction != Gst.PadDirection.SRC:
            return
        media = pad.get_current_caps().get_structure(0).get_string("media")
        decode = Gst.parse_bin_from_description(DECODED[media], True)
        self.pipeline.add(decode)
        decode.sync_state_with_parent()
        decode.get_by_name("out").connect("new-sample", self.saw if media == "video" else self.heard)
        pad.link(decode.get_static_pad("sink"))

    def saw(self, sink):
        at, data = self.pull(sink)
        self.frames += 1
        white = sum(data) / len(data) > 160
        if white and not self.white:
            say(flash=at)
        self.white = white
        say(frame=self.frames, at=at)
        return Gst.FlowReturn.OK

    def heard(self, sink):
        at, data = self.pull(sink)
        samples = memoryview(data).cast("h")
        for n in range(0, len(samples), 48):
            loud = max(abs(sample) for sample in samples[n : n + 48]) > 3276
            if loud and self.quiet > 250:
                say(beep=at + n / 48000)
            self.quiet = 0 if loud else self.quiet + 1
        return Gst.FlowReturn.OK

    @staticmethod
    def pull(sink):
        buffer = sink.emit("pull-sample").get_buffer()
        return buffer.pts / SECOND, buffer.extract_dup(0, buffer.get_size())


player = Player()
loop = GLib.MainLoop()


def read():
    player.answer(json.loads(sys.stdin.readline())["answer"])
    sys.stdin.readline()
    loop.quit()


threading.Thread(target=read, daemon=True).start()
loop.run()
