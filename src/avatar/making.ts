/** Avatars made of what people and other programs have; who plays them loads none of this. */
export { avatarSheet } from './contact.js';
export { KINDS, type Kind } from './livetalking/boxes.js';
export { type ImportedClip, importClip, importClips } from './livetalking/clips.js';
export { type ImportedAvatar, importLiveTalking, type LiveTalkingOptions } from './livetalking/import.js';
export { type LatentOptions, type MadeLatents, makeLatents } from './make-latents.js';
export { type BoxRow, type NewAvatar, type Pixels, type WriteOptions, writePackage } from './package.js';
