/** Where faces are in a picture, and where in a face is what. */
export { type Face, FaceFinder, type FinderOptions, overlap, type Seen } from './finder.js';
export { edgeAt, findParting, gapOf, heightAt, type Parting } from './lips.js';
export { around, middleOf, mouthOpening, PARTS, type Point, type Points, partOf } from './points.js';
