/** Avatars: packages of pictures with a box per frame, opened once and shared by all sessions. */
export { Avatar } from './avatar.js';
export { Backdrop } from './backdrop.js';
export { videoOf } from './background.js';
export { demandBoxes } from './boxes.js';
export { Cast } from './cast.js';
export { checkAvatar, type Finding } from './check.js';
export { avatarSheet } from './contact.js';
export { avatarsFolder, clipId, findAvatar, isAvatarId, listAvatars, listClips } from './folders.js';
export { type Action, readActions, readForeignActions } from './livetalking/actions.js';
export { KINDS, type Kind } from './livetalking/boxes.js';
export { type ImportedClip, importClip, importClips } from './livetalking/clips.js';
export { type ImportedAvatar, importLiveTalking, type LiveTalkingOptions } from './livetalking/import.js';
export { type LoopMode, loopIndex } from './loop.js';
export { type LatentOptions, type MadeLatents, makeLatents } from './make-latents.js';
export { frameFile, type Manifest, parseManifest, posterFile } from './manifest.js';
export { type OpenOptions, openAvatar } from './open.js';
export {
  type BoxRow,
  hashPackage,
  type NewAvatar,
  type Pixels,
  type WriteOptions,
  writePackage,
} from './package.js';
export { type Description, readAvatar } from './read.js';
export { storeUse, whenReleased } from './store.js';
export { unknownUse } from './words.js';
