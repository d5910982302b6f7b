/** Avatars of people, from a video or a photo. */
export { createAvatar } from './create.js';
export { type Finding, type FindingKind, timecode } from './findings.js';
export type { Created, CreateOptions, CreateProgress } from './options.js';
