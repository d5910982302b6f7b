/** Drawn people: from a seed to an SVG and its exact geometry. */

export type { Box, Geometry } from './geometry.js';
export type { Pose } from './head.js';
export { AVA, type Person, personFromSeed } from './person.js';
export { drawPortrait, type Portrait, type PortraitOptions, person, rasterize } from './portrait.js';
