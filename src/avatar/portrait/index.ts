/** Drawn people: from a seed to an SVG and its exact geometry. */

export type { Box, Geometry } from './geometry.js';
export type { Pose } from './head.js';
export { BLINKS, IDLE, idle } from './idle.js';
export { personFromSeed } from './people.js';
export { AVA, type Person } from './person.js';
export { drawPortrait, type Portrait, type PortraitOptions, person, rasterize } from './portrait.js';
