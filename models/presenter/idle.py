"""Writes the job of an idle loop: seconds of a listener who breathes, blinks, looks about a little and is never quite still.

    python idle.py PERSON OUT.json [--frames 200] [--fps 25] [--seed 1] [--width 512] [--height 768] [--samples 8] [--every 20] [--scale 1.5]

Everything repeats after the loop and is without speed at its ends, so it goes on without a jump both forwards and there-and-back, and
without a rest either: only the speed is nought there, and only for a moment.
"""
import argparse
import json
from pathlib import Path

import numpy as np

# Of a blink, at 25 frames a second: shut within 80 ms, open again in 160 (people take 100-150 and 150-300).
BLINK = (0.35, 0.92, 1.0, 0.82, 0.50, 0.22, 0.07)
APART = 2.0, 6.0                       # seconds between blinks, of somebody who listens
EDGE = 0.5                             # seconds at each end in which the eyes only look at the viewer


def wander(rng, frames, fps, slowest, fastest):
    """Smooth noise of about unit size that repeats after the loop and has no speed at its ends: sines of whole periods, slow ones larger."""
    seconds = frames / fps
    low, high = max(1, round(seconds / slowest)), max(2, round(seconds / fastest))
    turns = np.arange(low, high + 1)
    size = 1 / turns ** 0.7
    phase = rng.uniform(0, 2 * np.pi, len(turns))
    angle = 2 * np.pi * np.arange(frames) / frames
    waves = (size * np.sin(turns * angle[:, None] + phase)).sum(1)
    speed = (size * turns * np.cos(phase)).sum()
    return (waves - speed / high * np.sin(high * angle)) / np.sqrt((size ** 2).sum() / 2)


def blinks(rng, frames, fps):
    """[frames] how shut the lids are, and when each blink begins: 2 to 6 seconds apart and never evenly, whichever way the loop is played."""
    seconds, (least, most) = frames / fps, APART
    while True:
        times = [rng.uniform(least / 2, most / 2)]
        while times[-1] < seconds:
            times.append(times[-1] + rng.uniform(least, most))
        at = np.array(times[:-1])
        apart = np.append(np.diff(at), [seconds - at[-1] + at[0], 2 * at[0], 2 * (seconds - at[-1] - len(BLINK) / fps)])
        if least <= apart.min() and apart.max() <= most and np.diff(np.sort(apart[:-2])).min(initial=1) > 0.25 and len(at) >= round(seconds / 2.8):
            break
    shut, starts = np.zeros(frames), [round(t * fps) for t in at]
    for start in starts:
        shut[start:start + len(BLINK)] = BLINK
    return shut, starts


def gaze(rng, frames, fps, blinked):
    """[frames, 2] degrees: rests on the viewer, wanders off for a moment, always in a jump of two frames; often under a blink."""
    out, where, last = np.zeros((frames, 2)), np.zeros(2), frames - round(EDGE * fps)
    stops, clock = {last: np.zeros(2)}, round(EDGE * fps)
    while clock < last:                              # the small corrections that an eye never stops making
        stops[clock] = rng.normal(0, [0.45, 0.3])
        clock += int(rng.uniform(0.35, 1.3) * fps)
    for number, start in enumerate(blinked[1:] if len(blinked) > 2 else blinked):
        back = min(start + 1 + int(rng.uniform(0.6, 1.2) * fps), last)
        stops = {at: to for at, to in stops.items() if not start < at <= back}
        side = rng.choice([-1, 1])
        stops[start + 1] = np.array([side * rng.uniform(2.5, 4.5), rng.uniform(-2.2, 0.4)])
        stops[back] = rng.normal(0, [0.3, 0.2])
    for frame in range(frames):
        where = stops.get(frame, where) if frame < last else np.zeros(2)
        out[frame] = where
    out[1:-1] = (out[:-2] + out[1:-1] + out[2:]) / 3  # a jump takes 80 ms
    return out


def loop(seed, frames, fps):
    rng = np.random.default_rng(seed)
    shut, blinked = blinks(rng, frames, fps)
    move = lambda size, slow, fast: size * wander(rng, frames, fps, slow, fast)
    head = np.stack([move(1.5, 8, 1.6), move(0.9, 8, 1.4), move(0.9, 8, 2)], 1)
    head[:, 1] -= 0.25 * shut                        # a blink nods a little
    shift = np.stack([move(0.022, 8, 2.5), move(0.006, 8, 3)], 1)
    # The eyes stay on the viewer while the head moves.
    eyes = gaze(rng, frames, fps, blinked) - head[:, :2]
    breaths = max(1, round(frames / fps / 4))
    breath = (1 - np.cos(2 * np.pi * breaths * np.arange(frames) / frames)) / 2
    raised = np.clip(move(0.12, 5, 1.0), -0.05, 0.35) - 0.02 * shut
    knit = np.clip(move(0.05, 6, 1.5), 0, 0.2)
    smile = 0.02 + move(0.05, 8, 2)
    rounded = lambda *values: [round(float(v), 4) for v in values]
    return [{"name": f"{i:03d}", "blink": rounded(shut[i], shut[i]), "gaze": rounded(*eyes[i]), "brows": rounded(raised[i], knit[i]),
             "head": rounded(*head[i]), "shift": rounded(*shift[i]), "breath": rounded(breath[i])[0], "smile": rounded(smile[i])[0]}
            for i in range(frames)]


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("person")
    parse.add_argument("out", type=Path)
    for name, default in (("frames", 200), ("fps", 25), ("seed", 1), ("width", 512), ("height", 768), ("samples", 8), ("every", 20)):
        parse.add_argument(f"--{name}", type=int, default=default)
    parse.add_argument("--scale", type=float, default=1.5)
    args = parse.parse_args()
    job = {k: getattr(args, k) for k in ("person", "width", "height", "samples", "fps", "every", "scale")}
    pictures = ",\n  ".join(json.dumps(p) for p in loop(args.seed, args.frames, args.fps))
    args.out.write_text(f"{json.dumps(job)[:-1]},\n \"pictures\": [\n  {pictures}]}}\n")


if __name__ == "__main__":
    main()
