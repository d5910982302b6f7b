/** Addresses of LiveTalking's pages, which people have among their bookmarks: each opens the one of ours that does the same. */

/** Our page for each kind of theirs. */
const OURS: Readonly<Record<string, readonly string[]>> = {
  // One talks with a face here, or has it read something out.
  'index.html': [
    'webrtcapi',
    'webrtcapi-asr',
    'webrtcapi-custom',
    'webrtcchat',
    'webrtc',
    'dashboard',
    'chat',
    'index-en',
  ],
  // Session 0, which stands from the start: pushed elsewhere, or a camera.
  'session.html': [
    'rtcpushapi',
    'rtcpushapi-asr',
    'rtcpushchat',
    'rtcpush',
    'rtmpapi',
    'rtmpchat',
    'virtualcam',
  ],
  'avatars.html': ['avatar', 'avatar-en'],
  'sessions.html': ['admin', 'admin-en'],
};

/** Their address, and the file that is sent. */
export const PAGES: readonly (readonly [string, string])[] = Object.entries(OURS).flatMap(([file, names]) =>
  names.map((name) => [`/${name}.html`, file] as const),
);
