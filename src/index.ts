/** What a program imports from `talkgraph`: graphs to run, and everything an element is written with. */
export * from './element/index.js';
export type { ElementHandle } from './graph/handle.js';
export { installed } from './graph/installed.js';
export { type OpenGraph, openGraph } from './graph/open.js';
export { type LaunchOptions, Pipeline } from './graph/pipeline.js';
