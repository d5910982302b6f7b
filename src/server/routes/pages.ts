/** Addresses of LiveTalking's pages, which people have among their bookmarks: each opens ours. */
export const PAGES: readonly string[] = [
  'webrtcapi',
  'webrtcapi-asr',
  'webrtcapi-custom',
  'webrtcchat',
  'dashboard',
  'rtcpushapi',
  'rtcpushchat',
  'rtmpapi',
  'rtmpchat',
  'virtualcam',
  'avatar',
  'admin',
  'index-en',
  'avatar-en',
  'admin-en',
].map((name) => `/${name}.html`);
