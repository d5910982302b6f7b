/** Avatars of people, from a video or a photo. */
export { type Created, type CreateOptions, type CreateProgress, createAvatar } from './create.js';
export { type Finding, type FindingKind, timecode } from './findings.js';
