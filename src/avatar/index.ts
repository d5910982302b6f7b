/** Avatars: packages of pictures with a box per frame, opened once and shared by all sessions. */
export { Avatar, type OpenOptions, openAvatar } from './avatar.js';
export { Cast } from './cast.js';
export { avatarsFolder, findAvatar, isAvatarId, listAvatars } from './folders.js';
export { type LoopMode, loopIndex } from './loop.js';
export { frameFile, type Manifest, parseManifest, posterFile } from './manifest.js';
export { type Description, readAvatar } from './read.js';
export { storeUse, whenReleased } from './store.js';
