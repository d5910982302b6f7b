"""Writes the job of an idle loop: seconds of a listener who breathes, blinks, looks about a little and is never quite still.

    python idle.py PERSON OUT.json [--frames 200] [--fps 25] [--seed 1] [--width 512] [--height 768] [--samples 12]

The loop begins and ends at rest and without speed, so it goes on without a jump both forwards and there-and-back.
"""
import argparse
import json
from pathlib import Path

import numpy as np

# Of a blink, at 25 frames a second: shut within 80 ms, open again in 160 (people take 100-150 and 150-300).
BLINK = (0.35, 0.92, 1.0, 0.82, 0.50, 0.22, 0.07)
REST = 12                              # frames at each end in which everything comes to rest


def at_rest_at_ends(frames):
    t = np.arange(frames)
    edge = np.clip(np.minimum(t, frames - t) / REST, 0, 1)
    return edge * edge * (3 - 2 * edge)


def wander(rng, frames, fps, slowest, fastest):
    """Smooth noise of about unit size that repeats after the loop: sines of whole periods, slow ones larger."""
    seconds = frames / fps
    low, high = max(1, round(seconds / slowest)), max(2, round(seconds / fastest))
    turns = np.arange(low, high + 1)
    size = 1 / turns ** 0.7
    phase = rng.uniform(0, 2 * np.pi, len(turns))
    t = np.arange(frames)[:, None] / frames
    return (size * np.sin(2 * np.pi * turns * t + phase)).sum(1) / np.sqrt((size ** 2).sum() / 2)


def blinks(rng, frames, fps):
    """[frames] how shut the lids are, and when each blink begins: every 2 to 5 seconds, now and then two at once."""
    shut, starts = np.zeros(frames), []
    at = int(rng.uniform(0.7, 1.6) * fps)
    while at < frames - REST - len(BLINK):
        starts.append(at)
        for offset, value in enumerate(BLINK):
            shut[at + offset] = max(shut[at + offset], value)
        at += int((rng.uniform(2.0, 4.6) if rng.random() > 0.15 else 0.45) * fps)
    return shut, starts


def gaze(rng, frames, fps, blinked):
    """[frames, 2] degrees: rests on the viewer, wanders off for a moment, always in a jump of two frames; often under a blink."""
    out, at, where = np.zeros((frames, 2)), 0, np.zeros(2)
    stops = {}
    for start in blinked[::2]:
        stops[start + 1] = rng.normal(0, [3.2, 1.4])
        stops[start + 1 + int(rng.uniform(0.6, 1.3) * fps)] = np.zeros(2)
    clock = int(0.6 * fps)
    while clock < frames - REST:                     # the small corrections that an eye never stops making
        stops.setdefault(clock, rng.normal(0, [0.5, 0.3]))
        clock += int(rng.uniform(0.5, 1.4) * fps)
    for frame in range(frames):
        where = stops.get(frame, where)
        out[frame] = where
    out[1:-1] = (out[:-2] + out[1:-1] + out[2:]) / 3  # a jump takes 80 ms
    return out


def loop(seed, frames, fps):
    rng = np.random.default_rng(seed)
    rest = at_rest_at_ends(frames)
    shut, blinked = blinks(rng, frames, fps)
    move = lambda size, slow, fast: rest * size * wander(rng, frames, fps, slow, fast)
    head = np.stack([move(1.1, 8, 1.6), move(0.7, 8, 1.4), move(0.6, 8, 2)], 1)
    shift = np.stack([move(0.018, 8, 2.5), move(0.006, 8, 3)], 1)
    # The eyes stay on the viewer while the head moves.
    eyes = rest[:, None] * gaze(rng, frames, fps, blinked) - head[:, :2]
    breaths = max(1, round(frames / fps / 4))
    breath = (1 - np.cos(2 * np.pi * breaths * np.arange(frames) / frames)) / 2
    raised = np.clip(move(0.10, 5, 1.0), -0.05, 0.3) + 0.02 * shut * -1
    knit = np.clip(move(0.05, 6, 1.5), 0, 0.2)
    smile = move(0.035, 8, 2)
    rounded = lambda *values: [round(float(v), 4) for v in values]
    return [{"name": f"{i:03d}", "blink": rounded(shut[i], shut[i]), "gaze": rounded(*eyes[i]), "brows": rounded(raised[i], knit[i]),
             "head": rounded(*head[i]), "shift": rounded(*shift[i]), "breath": rounded(breath[i])[0], "smile": rounded(smile[i])[0]}
            for i in range(frames)]


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("person")
    parse.add_argument("out", type=Path)
    for name, default in (("frames", 200), ("fps", 25), ("seed", 1), ("width", 512), ("height", 768), ("samples", 12)):
        parse.add_argument(f"--{name}", type=int, default=default)
    args = parse.parse_args()
    job = {"person": args.person, "width": args.width, "height": args.height, "samples": args.samples, "fps": args.fps}
    pictures = ",\n  ".join(json.dumps(p) for p in loop(args.seed, args.frames, args.fps))
    args.out.write_text(f"{json.dumps(job)[:-1]},\n \"pictures\": [\n  {pictures}]}}\n")


if __name__ == "__main__":
    main()
