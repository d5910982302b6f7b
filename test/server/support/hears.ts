/** A graph that hears: what comes in by a microphone ends in `heard`. */
export const HEARS = `
elements:
  say:   { factory: ttssrc }
  web:   { factory: webrtcsink }
  ear:   { factory: webrtcsrc, peer: web }
  heard: { factory: appsink, sync: false, async: false }
links:
  - say. ! web.audio
  - ear. ! heard.
ends: { in: say, out: web }
`;
