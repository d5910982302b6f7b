export { type Colour, rgbToYuv } from '../../../src/lipsync/colour.js';
export { type Box, type Picture, pictureBytes, pictureIn } from '../../../src/lipsync/picture.js';
