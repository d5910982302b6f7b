"""Puts a rendered person before a plain wall: grey blue, lighter behind the head.

    python backdrop.py FOLDER OUT      every NAME.png of a folder becomes OUT/NAME.webp
"""
import sys
from pathlib import Path

import numpy as np
from PIL import Image

LIGHT, DARK = np.array([124, 146, 166]), np.array([72, 88, 104])


def wall(width, height):
    ys, xs = np.mgrid[0:height, 0:width]
    away = np.hypot((xs / width - 0.5) * 1.1, (ys / height - 0.42) * 1.0) / 0.75
    part = np.clip(away, 0, 1)[..., None] ** 1.6
    # Half a level of noise: a gradient of few levels would show bands in video.
    noise = np.random.default_rng(1).uniform(-0.5, 0.5, (height, width, 1))
    return np.clip(np.round(LIGHT + (DARK - LIGHT) * part + noise), 0, 255).astype(np.uint8)


def compose(picture):
    out = Image.fromarray(wall(*picture.size)).convert("RGBA")
    out.alpha_composite(picture.convert("RGBA"))
    return out.convert("RGB")


if __name__ == "__main__":
    folder, out = map(Path, sys.argv[1:3])
    out.mkdir(parents=True, exist_ok=True)
    for path in sorted(folder.glob("*.png")):
        if not path.name.endswith(".part.png"):
            compose(Image.open(path)).save(out / f"{path.stem}.webp", quality=92, method=6)
