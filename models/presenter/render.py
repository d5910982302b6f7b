"""Renders a job, picture by picture; pictures that are there already are kept, so an interrupted job goes on.

    python render.py JOB.json OUT [--assets DIR] [--only NAME ...] [--threads N] [--truth]

With --truth each NAME.png gets a NAME.json (what is where in the PNG, as the portrait generator writes it) and a NAME.npz: `flow` and `hidden` against
the same moment with the mouth at rest, `mouth` (what is seen between the lips), `piece` (number into truth.SOLID, 255 = nothing).

A job: {"person": "ava", "width": 512, "height": 768, "samples": 12, "crop": [left, top, width, height] or "face" or absent,
"light": {...what differs from scene.LIGHT} or absent, "pictures": [{"name": "0000", ...what Moment has}, ...]}
"""
import argparse
import json
import os
import time
from dataclasses import replace
from pathlib import Path

import bpy
import numpy as np
from PIL import Image

import character
import truth
from assets import Assets
from landmarks import Landmarks
from moment import Moment
from scene import Scene

HOME = Path(__file__).resolve().parents[2] / ".training"


def settings(scene, job, threads):
    r, c = scene.render, scene.cycles
    r.engine = "CYCLES"
    r.resolution_x, r.resolution_y, r.resolution_percentage = job["width"], job["height"], 100
    r.threads_mode, r.threads = "FIXED", threads
    r.film_transparent, r.use_persistent_data = True, True
    r.image_settings.file_format, r.image_settings.color_mode, r.image_settings.compression = "PNG", "RGBA", 30
    c.samples, c.use_adaptive_sampling, c.seed = job["samples"], False, 1
    c.use_denoising, c.denoiser, c.denoising_prefilter = True, "OPENIMAGEDENOISE", "FAST"
    c.max_bounces, c.diffuse_bounces, c.glossy_bounces, c.transparent_max_bounces = 6, 3, 3, 24
    c.use_light_tree = False                             # four lamps are quicker without
    c.caustics_reflective = c.caustics_refractive = False
    c.sample_clamp_indirect = 4
    scene.view_settings.view_transform, scene.view_settings.look = "Filmic", "Medium High Contrast"
    crop = job["crop"]
    r.use_border = r.use_crop_to_border = crop is not None
    if crop:
        left, top, width, height = crop
        # Blender cuts these down to whole pixels, and 0.3 * 640 is a little less than 192: hence the hundredth.
        part = lambda pixels, whole: (pixels + 0.01) / whole
        r.border_min_x, r.border_max_x = part(left, job["width"]), part(left + width, job["width"])
        bottom = job["height"] - top - height
        r.border_min_y, r.border_max_y = part(bottom, job["height"]), part(bottom + height, job["height"])


def face_crop(studio, job):
    """The square that a lip-sync model gets, with room to turn, shift and scale it."""
    camera, at = studio.camera(job["width"], job["height"]), studio.character.at(Moment())
    points = Landmarks(studio.character).of(at["body"], at["eyes"])
    box = truth.describe("", points, points, camera, Moment())["box"]
    side = round(1.3 * box["w"])
    left, top = (max(0, round(box[at] - 0.15 * box["w"])) for at in "xy")
    return [left, top, min(side, job["width"] - left), min(side, job["height"] - top)]


def wait_for_quiet():
    """Somebody measures on this machine while the file named by PRESENTER_PAUSE exists."""
    flag = os.environ.get("PRESENTER_PAUSE")
    while flag and os.path.exists(flag):
        time.sleep(5)


def shoot(studio, moment, path):
    """One picture; it is there whole or not at all, and without the dates and times Blender writes into it: same job, same bytes."""
    studio.show(moment)
    part = path.with_suffix(".part.png")
    studio.scene.render.filepath = str(part)
    bpy.ops.render.render(write_still=True)
    with Image.open(part) as picture:
        plain = Image.fromarray(np.asarray(picture))
    plain.save(part, compress_level=4)
    part.rename(path)


class Truth:
    """Writes what is known of a picture beside it."""

    def __init__(self, studio, job):
        self.studio, self.camera = studio, studio.camera(job["width"], job["height"], job["crop"])
        self.landmarks, self.twin = Landmarks(studio.character), (None, None)

    def _shown(self, moment):
        self.studio.show(moment)
        pieces = self.studio.shown()
        return truth.Geometry(pieces, self.camera), self.landmarks.of(pieces["body"][0], pieces["eyes"][0])

    def write(self, stem, moment):
        """Leaves the studio showing the moment."""
        rest = replace(moment, mouth=[0.0] * 6)
        if self.twin[0] != rest:                         # pictures of one pose share it
            self.twin = rest, self._shown(rest)
        twin, closed = self.twin[1]
        picture, points = self._shown(moment)
        flow, hidden, piece = truth.compare(picture, twin)
        described = truth.describe(stem.name, points, closed, self.camera, moment)
        mouth = truth.mouth_mask(hidden, piece, described)
        np.savez_compressed(stem.with_suffix(".npz"), flow=flow.astype(np.float16), hidden=hidden, mouth=mouth, piece=piece)
        stem.with_suffix(".json").write_text(json.dumps(described) + "\n")


    def agrees(self, path):
        """What is known must lie on what is seen: both cut to the same whole pixels."""
        with Image.open(path) as picture:
            if picture.size != tuple(self.camera.window[2:]):
                raise SystemExit(f"{path} is {picture.size}, and what is known of it {self.camera.window[2:]} pixels")


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("job", type=Path)
    parse.add_argument("out", type=Path)
    parse.add_argument("--assets", type=Path, default=HOME / "makehuman")
    parse.add_argument("--only", nargs="*")
    parse.add_argument("--threads", type=int, default=2)
    parse.add_argument("--truth", action="store_true")
    args = parse.parse_args()
    job = json.loads(args.job.read_text())
    args.out.mkdir(parents=True, exist_ok=True)
    todo = [p for p in job["pictures"] if (not args.only or p["name"] in args.only) and not (args.out / f"{p['name']}.png").exists()]
    if not todo:
        return
    studio = Scene(character.person(Assets(args.assets), job["person"]), job.get("light"))
    job["crop"] = face_crop(studio, job) if job.get("crop") == "face" else job.get("crop")
    settings(studio.scene, job, args.threads)
    known = Truth(studio, job) if args.truth else None
    for done, picture in enumerate(todo):
        wait_for_quiet()
        start, busy = time.monotonic(), time.process_time()
        moment = Moment.of({k: v for k, v in picture.items() if k != "name"})
        if known:
            known.write(args.out / picture["name"], moment)
        shoot(studio, moment, args.out / f"{picture['name']}.png")
        if known:
            known.agrees(args.out / f"{picture['name']}.png")
        print(f"{picture['name']}  {done + 1}/{len(todo)}  {time.monotonic() - start:.1f} s, {time.process_time() - busy:.1f} s of CPU", flush=True)


if __name__ == "__main__":
    main()
