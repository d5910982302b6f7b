"""Stage 5: pairs for the renderer.  `python3 face_data.py WORKDIR [SAMPLES]`

Reads WORKDIR/portraits (PNG + JSON) and the mouths in tracks.npy; writes WORKDIR/faces-*.npy:
ref uint8 [n, 192, 192, 3] BGR; of the lower half only: out [n, 96, 192, 3], and at the net's size
flow float16 [n, 48, 96, 2], alpha uint8 [n, 48, 96], paint uint8 [n, 48, 96, 3]; mouth float32 [n, 6], place [n, 4].
The last SAMPLES / 25 come from people (seeds >= 140) that no other sample shows. The default avatar is in 30 %.
"""
import json
import pathlib
import sys

import cv2
import numpy as np

import rig
from visemes import TABLE

SIZE, FINE, HELD_SEED = 96, 192, 140


def load(folder, names=None):
    """{name: (picture float32 BGR, json)} of all portraits, or of those named"""
    out = {}
    for path in sorted(pathlib.Path(folder).glob("*.json")):
        if names and path.stem not in names:
            continue
        picture = cv2.imread(str(path.with_suffix(".png"))).astype(np.float32) / 255
        out[path.stem] = (picture, json.loads(path.read_text()))
    return out


def placement(described, scale=1.0, shift=(0.0, 0.0), roll=0.0):
    """The box of the portrait, changed a little -> similarity [2, 3] from the portrait's places to those in 192 x 192."""
    box = described["box"]
    k = FINE / (box["w"] * scale)
    cx, cy = box["x"] + box["w"] * (0.5 + shift[0]), box["y"] + box["h"] * (0.5 + shift[1])
    c, s = k * np.cos(roll), k * np.sin(roll)
    return np.array([[c, -s, FINE / 2 - c * cx + s * cy], [s, c, FINE / 2 - s * cx - c * cy]])


def placed(picture, matrix, interpolation=cv2.INTER_CUBIC):
    """Any [h, w, c] as it looks after `matrix`, [192, 192, c]; a place is the middle of a pixel plus a half."""
    pixels = matrix.copy()
    pixels[:, 2] += matrix[:, :2] @ [0.5, 0.5] - 0.5
    small = np.hypot(*matrix[:, 0]) < 1
    return cv2.warpAffine(picture, pixels, (FINE, FINE), flags=cv2.INTER_AREA if small else interpolation, borderMode=cv2.BORDER_REPLICATE)


def crop(picture, described, scale=1.0, shift=(0.0, 0.0), roll=0.0):
    """The box of the portrait, changed a little -> (float32 [192, 192, 3], Geometry in it)."""
    matrix = placement(described, scale, shift, roll)
    return np.clip(placed(picture, matrix), 0, 1), rig.Geometry.of(described).moved(matrix)


def mouth(rng, track):
    """Parameters: mostly from speech, else a viseme blend, anything, or closed."""
    kind = rng.random()
    if kind < 0.55:
        return track[rng.integers(len(track))].astype(np.float32)
    names = list(TABLE["visemes"])
    if kind < 0.75:
        a, b = (np.array(TABLE["visemes"][n]["target"], np.float32) for n in rng.choice(names, 2))
        t = rng.random() ** 2
        return (a * (1 - t) + b * t) * rng.uniform(0.6, 1.05)
    if kind < 0.95:
        p = np.array([rng.random() ** 1.5, rng.uniform(-1, 1), rng.random() * 0.6, 0, rng.random(), rng.random()], np.float32)
        roll = rng.random()
        if roll < 0.2:
            p[[0, 2, 3, 4]] = [rng.random() * 0.15, rng.random() * 0.4, rng.uniform(0.3, 1), rng.random() * 0.5]
        elif roll < 0.35:
            p[[0, 2, 3, 4, 5]] = [rng.random() * 0.05, 0, -rng.random(), 0, 0]
        elif roll < 0.6:
            p[4:] *= rng.random() < 0.5
        return p
    return rng.normal(0, 0.01, 6).astype(np.float32) * (rng.random() < 0.5)


def colour(rng, strong):
    """A random change of colour and light, the same for all pictures of one sample."""
    gain = rng.uniform(0.7, 1.2) * rng.uniform(0.92, 1.08, 3)
    gamma = np.exp(rng.uniform(-0.25, 0.25))
    saturation = rng.uniform(0.6, 1.25)
    ys, xs = np.mgrid[0:FINE, 0:FINE].astype(np.float32) / FINE - 0.5
    angle = rng.uniform(0, 2 * np.pi)
    field = (1 + rng.uniform(0, 0.5) * (xs * np.cos(angle) + ys * np.sin(angle)))[..., None]

    def apply(picture):
        if not strong:
            return picture
        x = np.clip(picture, 0, 1) ** gamma * gain * field[-len(picture):]
        grey = x.mean(-1, keepdims=True)
        return np.clip(grey + (x - grey) * saturation, 0, 1)
    return apply


def sample(rng, people, track):
    """One training sample; `people` = list of (name, (picture, json))."""
    name, (picture, described) = people
    plain = name.startswith("ava") and rng.random() < 0.6
    wild = 0.25 if plain else 1.0
    image, geometry = crop(picture, described, np.exp(rng.uniform(-0.12, 0.12) * wild), rng.uniform(-0.04, 0.04, 2) * wild, np.radians(rng.uniform(-8, 8) * wild))
    if not plain:
        if rng.random() < 0.35:
            image = cv2.GaussianBlur(image, (0, 0), rng.uniform(0.6, 1.8))
        if rng.random() < 0.4:
            grain = rng.standard_normal((FINE // 2, FINE // 2, 3)).astype(np.float32) * rng.uniform(0.005, 0.03)
            image = np.clip(image + cv2.resize(grain, (FINE, FINE), interpolation=cv2.INTER_LINEAR), 0, 1)
    params = mouth(rng, track)
    out, flow, alpha, paint = (x[FINE // 2:] for x in rig.render(image, geometry, params))
    change, place = colour(rng, not plain), geometry.place(FINE)
    small = lambda x: cv2.resize(x, (SIZE, SIZE // 2), interpolation=cv2.INTER_AREA)
    image, out, flow, alpha, paint = change(image), change(out), small(flow), small(alpha), small(change(paint))
    if rng.random() < 0.5:
        image, out, flow, alpha, paint, place = (*(x[:, ::-1] for x in (image, out, flow * [-1, 1], alpha, paint)), place * [-1, 1, 1, -1])
    return {"ref": image, "out": out, "flow": flow, "alpha": alpha, "paint": paint, "mouth": params, "place": place}


KINDS = {"flow": np.float16, "mouth": np.float32, "place": np.float32}


def arrays(folder, prefix, count):
    """The files of `count` samples, {name: memory map [count, ...]}"""
    half = SIZE // 2
    shapes = {"ref": (FINE, FINE, 3), "out": (SIZE, FINE, 3), "flow": (half, SIZE, 2), "alpha": (half, SIZE), "paint": (half, SIZE, 3), "mouth": (6,), "place": (4,)}
    return {k: np.lib.format.open_memmap(folder / f"{prefix}-{k}.npy", "w+", KINDS.get(k, np.uint8), (count, *shape)) for k, shape in shapes.items()}


def store(out, k, values):
    """Sample k, colours 0..1 as bytes."""
    for name, value in values.items():
        out[name][k] = value if name in KINDS else np.round(np.clip(value, 0, 1) * 255)


def main(workdir, count=12000):
    folder = pathlib.Path(workdir)
    portraits = load(folder / "portraits")
    track = np.load(folder / "tracks.npy")
    avas = [(n, p) for n, p in portraits.items() if n.startswith("ava")]
    seeds = [(n, p) for n, p in portraits.items() if n.startswith("seed")]
    known = [x for x in seeds if int(x[0].split("-")[1]) < HELD_SEED]
    strangers = [x for x in seeds if int(x[0].split("-")[1]) >= HELD_SEED]
    print(len(avas), "avatar poses,", len(known), "people,", len(strangers), "held out")
    out = arrays(folder, "faces", count)
    cv2.setNumThreads(1)
    for k in range(count):
        rng = np.random.default_rng([21, k])
        group = strangers if k >= count - count // 25 else avas if rng.random() < 0.3 else known
        store(out, k, sample(rng, group[rng.integers(len(group))], track))
        if k % 1000 == 0:
            print(k, count, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
