export { type Colour, rgbToYuv } from '../../../src/lipsync/paste.js';
export { type Box, type Picture, pictureBytes, pictureIn } from '../../../src/lipsync/picture.js';
