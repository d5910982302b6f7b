/** The silence around a sentence: what a listener takes for a full stop, a comma, or nothing. */
import type { Pause } from './engine.js';

/** Seconds kept before the first sound: a voice is audible up to 25 ms before its phoneme is said to begin. */
export const LEAD = 0.03;

/** Seconds from the last sound to the end. */
export const TAIL: Readonly<Record<Pause, number>> = { sentence: 0.32, clause: 0.16, none: 0.04, end: 0.12 };
