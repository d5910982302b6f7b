/**
 * Stock elements that our graphs stand on, with the Debian package each comes from and what is lost without it.
 */

/** One element to look for. */
export interface NeededElement {
  readonly name: string;
  /** Debian and Ubuntu package. */
  readonly from: string;
  /** What it is for. */
  readonly why: string;
  /** Without it nothing works; others cost one feature. */
  readonly required: boolean;
}

const BASE = 'gstreamer1.0-plugins-base';
const GOOD = 'gstreamer1.0-plugins-good';
const BAD = 'gstreamer1.0-plugins-bad';
const UGLY = 'gstreamer1.0-plugins-ugly';
const LIBAV = 'gstreamer1.0-libav';

const need = (from: string, why: string, names: string, required = true): NeededElement[] =>
  names.split(' ').map((name) => ({ name, from, why, required }));

/** All of them. */
export const NEEDED: readonly NeededElement[] = [
  ...need('libgstreamer1.0-0', 'links between elements', 'queue tee capsfilter identity fakesink'),
  ...need(BASE, 'data to and from TypeScript', 'appsrc appsink'),
  ...need(BASE, 'sound in any format and rate', 'audioconvert audioresample audiotestsrc'),
  ...need(BASE, 'pictures in any format and size', 'videoconvert videoscale videorate videotestsrc'),
  ...need(BASE, 'files of any kind', 'decodebin uridecodebin'),
  ...need(BASE, 'sound for WebRTC', 'opusenc opusdec'),
  ...need(GOOD, 'MP4 files', 'mp4mux qtdemux'),
  ...need(BAD, 'recordings that begin while a session runs', 'avwait', false),
  ...need(GOOD, 'recordings in segments', 'splitmuxsink', false),
  ...need(GOOD, 'RTP for WebRTC', 'rtph264pay rtpvp8pay rtpopuspay rtph264depay rtpvp8depay rtpopusdepay'),
  ...need(GOOD, 'VP8 for WebRTC', 'vp8enc vp8dec'),
  ...need(UGLY, 'H.264 video', 'x264enc'),
  ...need(BAD, 'H.264 video', 'h264parse'),
  ...need(LIBAV, 'AAC sound in files and RTMP', 'avenc_aac'),
  ...need(BASE, 'AAC sound in files', 'aacparse', false).map((one) => ({ ...one, from: GOOD })),
  ...need(LIBAV, 'reading H.264 files', 'avdec_h264', false),
  ...need(GOOD, 'RTMP', 'flvmux', false),
  ...need(BAD, 'RTMP', 'rtmp2sink', false),
  ...need(GOOD, 'the virtual camera', 'v4l2sink v4l2src', false),
  ...need(BAD, 'taking the echo of our voice out of a microphone', 'webrtcdsp webrtcechoprobe', false),
  ...need(GOOD, 'taking the echo of our voice out of a microphone', 'audioecho', false),
  ...need(GOOD, 'the loudspeaker of this machine', 'autoaudiosink autovideosink', false),
];
