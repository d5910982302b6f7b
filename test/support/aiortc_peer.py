"""A peer that is not ours: aiortc, as a WHEP player or as a WHIP server. It tells what it sees and hears, a JSON line each.

    aiortc_peer.py view           prints an offer, reads {"answer": …} from stdin
    aiortc_peer.py serve PORT     a WHIP server: /live wants the token "sesame", /moved sends on to it, /slow never answers,
                                  /full is full; any other path is unknown

Lines: {"offer"}, {"listening"}, {"state"}, {"deleted"}, {"frame": n, "size"}, {"flash": rtp time, s}, {"beep": rtp time, s},
{"report": kind, "wall": unix s, "rtp": s}, {"codecs"}.
"""
import asyncio
import json
import sys

import numpy
from aiortc import RTCPeerConnection, RTCSessionDescription
from aiortc.mediastreams import MediaStreamError
from aiortc.rtcrtpreceiver import RTCRtpReceiver, TimestampMapper
from aiortc.rtp import RtcpSrPacket

RATES = {"video": 90000, "audio": 48000}
UNIX = 2208988800


def say(**line):
    print(json.dumps(line), flush=True)


# aiortc keeps of a sender report only its time; where that is in the stream is needed, too.
handle = RTCRtpReceiver._handle_rtcp_packet


async def listen(self, packet):
    if isinstance(packet, RtcpSrPacket):
        info = packet.sender_info
        kind = self._RTCRtpReceiver__kind
        wall = (info.ntp_timestamp >> 32) - UNIX + (info.ntp_timestamp & 0xFFFFFFFF) / 2**32
        say(report=kind, wall=wall, rtp=info.rtp_timestamp / RATES[kind])
    await handle(self, packet)


RTCRtpReceiver._handle_rtcp_packet = listen
# It counts each track from its own first packet: then nobody could tell whether they belong together.
TimestampMapper.map = lambda self, timestamp: timestamp


async def watch(track):
    white, frames = True, 0
    while True:
        frame = await track.recv()
        frames += 1
        bright = frame.to_ndarray(format="gray").mean() > 160
        if bright and not white:
            say(flash=frame.pts / RATES["video"])
        white = bright
        say(frame=frames, size=[frame.width, frame.height], at=frame.pts / RATES["video"])


async def hear(track):
    quiet = 0
    while True:
        frame = await track.recv()
        samples = numpy.abs(frame.to_ndarray().reshape(-1, 2)[:, 0].astype(float)) / 32768
        for n in range(0, len(samples), 48):
            loud = samples[n : n + 48].max() > 0.1
            if loud and quiet > 250:
                say(beep=(frame.pts + n) / RATES["audio"])
            quiet = 0 if loud else quiet + 1


def connection():
    pc = RTCPeerConnection()
    tasks = []

    @pc.on("connectionstatechange")
    def state():
        say(state=pc.connectionState)

    async def follow(track):
        try:
            await (watch(track) if track.kind == "video" else hear(track))
        except MediaStreamError:
            pass

    @pc.on("track")
    def take(track):
        tasks.append(asyncio.ensure_future(follow(track)))

    return pc


async def view():
    pc = connection()
    for kind in ("video", "audio"):
        pc.addTransceiver(kind, direction="recvonly")
    await pc.setLocalDescription(await pc.createOffer())
    say(offer=pc.localDescription.sdp)
    line = await asyncio.get_event_loop().run_in_executor(None, sys.stdin.readline)
    await pc.setRemoteDescription(RTCSessionDescription(json.loads(line)["answer"], "answer"))
    await asyncio.get_event_loop().run_in_executor(None, sys.stdin.readline)
    await pc.close()


async def serve(port):
    published = {}

    def answer(status, body="", **headers):
        fields = {"content-length": str(len(body)), "connection": "close", **headers}
        lines = [f"HTTP/1.1 {status} x"] + [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
        return ("\r\n".join(lines) + "\r\n\r\n" + body).encode()

    async def reply(method, target, headers, body):
        path = target.split("?")[0]
        if path == "/moved":
            return answer(307, location="/live")
        if path == "/slow":
            await asyncio.sleep(3600)
        if path == "/full":
            return answer(503, retry_after="2")
        if path == "/live" and method == "POST":
            if headers.get("authorization") != "Bearer sesame":
                return answer(401)
            say(type=headers.get("content-type"))
            pc = connection()
            name = f"/session/{len(published)}"
            published[name] = pc
            await pc.setRemoteDescription(RTCSessionDescription(body, "offer"))
            await pc.setLocalDescription(await pc.createAnswer())
            return answer(201, pc.localDescription.sdp, location=name, content_type="application/sdp")
        if method == "DELETE" and path in published:
            say(deleted=path)
            asyncio.ensure_future(published.pop(path).close())
            return answer(200)
        return answer(404)

    async def client(reader, writer):
        first, *rest = (await reader.readuntil(b"\r\n\r\n")).decode().strip().split("\r\n")
        headers = {name.lower(): value.strip() for name, value in (line.split(":", 1) for line in rest)}
        body = await reader.readexactly(int(headers.get("content-length", "0")))
        method, path, _ = first.split(" ")
        writer.write(await reply(method, path, headers, body.decode()))
        await writer.drain()
        writer.close()

    server = await asyncio.start_server(client, "127.0.0.1", port)
    say(listening=server.sockets[0].getsockname()[1])
    await server.serve_forever()


asyncio.run(view() if sys.argv[1] == "view" else serve(int(sys.argv[2])))
