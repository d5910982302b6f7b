/** Files from the network: whole and verified, or not at all. */
export { type Downloaded, type DownloadOptions, download } from './download.js';
