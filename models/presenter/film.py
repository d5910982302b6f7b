"""Renders an idle loop: few whole pictures, the eyes where they blink or look away, and all the frames that follow from them.

    python film.py JOB.json OUT [--assets DIR] [--threads N]

Between whole pictures, `every` frames apart, a listener moves by a few pixels, and where each point of the skin goes is known exactly. So a
frame is its two neighbours moved to where its own vertices are, faded into each other; eyes that blink or look away are rendered, frame by
frame, and laid over. Whole pictures are `scale` times as large as the frames, so moving them costs no sharpness, and nothing can flicker
that was not rendered twice. OUT/whole and OUT/eyes hold what was rendered (and is kept when interrupted), OUT the frames: NAME.png and
NAME.json, what is where in it.
"""
import argparse
import json
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

import character
import render
import truth
import warp
from assets import Assets
from landmarks import Landmarks
from moment import Moment
from scene import Scene


def looking(moment):
    """The moment with open eyes that look at the viewer."""
    return replace(moment, blink=[0.0, 0.0], gaze=[-moment.head[0], -moment.head[1]])


def away(moment):
    """Whether the eyes do what moving a picture cannot show. Less than a degree is a fifth of a pixel."""
    return max(moment.blink) > 0.02 or np.hypot(*np.add(moment.gaze, moment.head[:2])) > 1


def eye_window(person, camera, moments):
    """left, top, width, height in pixels: where the eyes with their lids and lashes ever are."""
    found = []
    for moment in moments:
        eyes = camera.project(person.at(moment)["eyes"])[:, :2]
        found += [eyes.min(0), eyes.max(0)]
    low, high = [edge([f[axis] for f in found]) for edge, axis in ((min, 0), (min, 1))], [max(f[axis] for f in found) for axis in (0, 1)]
    room = 0.2 * (high[0] - low[0])
    left, top = int(low[0] - room), int(low[1] - room)
    return [left, top, int(high[0] + room) - left, int(high[1] + 0.8 * room) - top]


class Film:
    def __init__(self, job, out, assets, threads):
        self.job, self.out, self.threads = job, out, threads
        self.person = character.person(assets, job["person"])
        self.studio = Scene(self.person, job.get("light"))
        self.moments = {p["name"]: Moment.of({k: v for k, v in p.items() if k != "name"}) for p in job["pictures"]}
        self.large = job | {"width": round(job["width"] * job["scale"]), "height": round(job["height"] * job["scale"]), "crop": None}
        self.camera = self.studio.camera(self.large["width"], self.large["height"])
        self.window = eye_window(self.person, self.camera, self.moments.values())

    def shoot(self, folder, moments, crop):
        path = self.out / folder
        path.mkdir(parents=True, exist_ok=True)
        todo = {name: m for name, m in moments.items() if not (path / f"{name}.png").exists()}
        render.settings(self.studio.scene, self.large | {"crop": crop}, self.threads)
        for done, (name, moment) in enumerate(todo.items()):
            render.wait_for_quiet()
            start, busy = time.monotonic(), time.process_time()
            render.shoot(self.studio, moment, path / f"{name}.png")
            print(f"{folder} {name}  {done + 1}/{len(todo)}  {time.monotonic() - start:.1f} s, {time.process_time() - busy:.1f} s of CPU", flush=True)

    def whole(self):
        """The names of the whole pictures, and the pictures."""
        names = list(self.moments)[::self.job["every"]]
        self.shoot("whole", {n: looking(self.moments[n]) for n in names}, None)

    def eyes(self):
        self.shoot("eyes", {n: m for n, m in self.moments.items() if away(m)}, self.window)

    def frames(self):
        between = warp.Between(self.person, self.camera, self.out / "whole")
        small, landmarks = self.studio.camera(self.job["width"], self.job["height"]), Landmarks(self.person)
        names, every = list(self.moments), self.job["every"]
        for i, (name, moment) in enumerate(self.moments.items()):
            path = self.out / f"{name}.png"
            if path.exists():
                continue
            render.wait_for_quiet()
            before, after = (names[(i // every + n) * every % len(names)] for n in (0, 1))
            neighbours = {key: looking(self.moments[key]) for key in (before, after)}
            picture = between.at(looking(moment), neighbours, i % every / every)
            if away(moment):
                picture = warp.lay_over(picture, self.out / "eyes" / f"{name}.png", self.window)
            pieces = self.person.at(moment)
            points = landmarks.of(pieces["body"], pieces["eyes"])
            path.with_suffix(".json").write_text(json.dumps(truth.describe(name, points, points, small, moment)) + "\n")
            part = path.with_suffix(".part.png")
            warp.shrink(picture, self.job["width"], self.job["height"]).save(part)
            part.rename(path)                            # a frame is there whole or not at all


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("job", type=Path)
    parse.add_argument("out", type=Path)
    parse.add_argument("--assets", type=Path, default=render.HOME / "makehuman")
    parse.add_argument("--threads", type=int, default=2)
    args = parse.parse_args()
    film = Film(json.loads(args.job.read_text()), args.out, Assets(args.assets), args.threads)
    film.whole()
    film.eyes()
    film.frames()


if __name__ == "__main__":
    main()
