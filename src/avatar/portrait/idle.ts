import type { PortraitOptions } from './portrait.js';

/**
 * The life of a listener who says nothing: sway, breath, blinks and small jumps of the eyes.
 *
 * Everything is a pure function of the frame. Slow motion is a sum of sines of a phase that stands still at both
 * ends of the loop, so that playing on from the start and playing backwards from the end are both smooth: at the
 * ends the head just rests, as heads do.
 */
export const IDLE = { frames: 150, framerate: 25 } as const;

/** Frames in which the lids begin to close: three seconds apart, not evenly. */
export const BLINKS = [31, 104] as const;

/** How far the lids are shut in the frames of one blink: down in 80 ms, up in 160 ms. */
const BLINK = [0.28, 0.82, 1, 0.78, 0.42, 0.14];

/** The eyes hold still and jump (frame from which on, right, down); a jump takes two frames. They end where they began. */
const FIXATIONS: readonly (readonly [frame: number, right: number, down: number])[] = [
  [0, 0, 0],
  [14, 0.07, 0.02],
  [33, -0.05, 0.05], // with the blink, as most larger jumps are
  [52, -0.09, -0.02],
  [70, 0.03, 0],
  [88, 0.1, 0.05],
  [106, -0.02, 0.02],
  [124, -0.07, 0.04],
  [139, 0, 0],
];

const sine = (turns: number, phase: number, start = 0) =>
  Math.sin(2 * Math.PI * (turns * phase + start)) - Math.sin(2 * Math.PI * start);

/** Drawing options of one idle frame, 0 to `IDLE.frames - 1`. */
export function idle(frame: number): PortraitOptions {
  const t = frame / (IDLE.frames - 1);
  const phase = t - Math.sin(2 * Math.PI * t) / (2 * Math.PI); // no speed at t = 0 and 1
  const yaw = 1.25 * sine(1, phase) + 0.5 * sine(2, phase, 0.3);
  return {
    pose: {
      yaw,
      pitch: 0.55 * sine(1, phase, 0.2) + 0.3 * sine(3, phase, 0.1),
      roll: 0.6 * sine(1, phase, 0.55) + 0.25 * sine(2, phase),
      x: 1.1 * sine(1, phase, 0.05) + 0.4 * sine(2, phase, 0.7),
      y: 0.5 * sine(2, phase, 0.4),
    },
    // Two breaths; a raised cosine rests at the ends by itself.
    breath: 0.5 - 0.5 * Math.cos(4 * Math.PI * t),
    blink: blinkAt(frame),
    gaze: gazeAt(frame, yaw),
    brow: 0.12 * sine(1, phase, 0.6) + 0.06 * sine(2, phase, 0.15) - 0.35 * blinkAt(frame),
    mouth: { smile: 0.35 * sine(1, phase, 0.8) },
  };
}

function blinkAt(frame: number): number {
  for (const start of BLINKS) {
    const shut = BLINK[frame - start];
    if (shut !== undefined) return shut;
  }
  return 0;
}

/** Fixations, minus a little of the head's turn: eyes stay on whom they look at. */
function gazeAt(frame: number, yaw: number): readonly [number, number] {
  let now = 0;
  while (now + 1 < FIXATIONS.length && FIXATIONS[now + 1]![0] <= frame) now++;
  const [from, right, down] = FIXATIONS[now]!;
  const [, right0, down0] = FIXATIONS[Math.max(0, now - 1)]!;
  const t = Math.min(1, (frame - from + 1) / 2);
  return [right0 + (right - right0) * t - 0.05 * yaw, down0 + (down - down0) * t];
}
