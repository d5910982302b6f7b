/** Avatars: packages of pictures with a box per frame, opened once and shared by all sessions. `making.ts` makes them. */
export { Avatar } from './avatar.js';
export { Backdrop } from './backdrop.js';
export { videoOf } from './background.js';
export { demandBoxes } from './boxes.js';
export { Cast } from './cast.js';
export { checkAvatar, type Finding } from './check.js';
export { avatarsFolder, clipId, findAvatar, isAvatarId, listAvatars, listClips } from './folders.js';
export { frameFile, posterFile } from './framefile.js';
export { hashPackage } from './hash.js';
export { type Action, readActions, readForeignActions } from './livetalking/actions.js';
export { type LoopMode, loopIndex } from './loop.js';
export { type Manifest, parseManifest } from './manifest.js';
export { type OpenOptions, openAvatar } from './open.js';
export { type Description, readAvatar } from './read.js';
export { storeUse, whenReleased } from './store.js';
export { unknownUse } from './words.js';
