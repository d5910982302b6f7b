"""Stage 5b: pairs from rendered people.  `python3 rendered_data.py WORKDIR SAMPLES FOLDER...`

Each FOLDER is one person as models/presenter/render.py --truth leaves it: NAME-closed and NAME-0, -1, ... with PNG, JSON and npz.
Writes WORKDIR/rendered-*.npy in the form of face_data.py. Folders called ava are in a third of the samples, max in a tenth;
the last SAMPLES / 25 are from the last folder alone, which no other sample shows.
"""
import functools
import json
import pathlib
import sys

import cv2
import numpy as np

from backdrops import backdrop, occluder
from face_data import FINE, SIZE, arrays, colour, placed, placement, store
from rig import Geometry, _smooth

TEETH = 1                                # place in models/presenter/truth.py SOLID


@functools.lru_cache(600)
def read(stem):
    """A picture, uint8 BGRA."""
    return cv2.imread(f"{stem}.png", cv2.IMREAD_UNCHANGED)


def premultiplied(picture):
    """-> float32 BGRA 0..1, colours times alpha: what may be turned and scaled"""
    picture = picture.astype(np.float32) / 255
    picture[..., :3] *= picture[..., 3:]
    return picture


def load(folder):
    """[(stem, described, layers)] of one person's open pictures, except those whose teeth come through the skin.

    layers float16 [h, w, 6]: flow in pixels, spread to where it is not known; mouth, teeth, lips, ends.
    """
    out = []
    for path in sorted(pathlib.Path(folder).glob("*-[0-9]*.json")):
        stem = path.with_suffix("")
        if not all(pathlib.Path(f"{name}.png").exists() for name in (stem, twin(stem))):
            continue
        described, truth = json.loads(path.read_text()), np.load(f"{stem}.npz")
        piece, mouth, hidden = truth["piece"], truth["mouth"], truth["hidden"]
        if astray(piece, described) >= 3:
            continue
        sure = cv2.erode((~mouth & ~hidden).astype(np.uint8), np.ones((3, 3), np.uint8))
        flow = filled(truth["flow"].astype(np.float32), sure, (1.5, 3, 6, 12, 24))
        masks = [mouth, mouth & (piece == TEETH), lips(described, piece.shape, 5), ends(described, piece.shape)]
        out.append((stem, described, np.dstack([flow, *masks]).astype(np.float16)))
    return out


def twin(stem):
    return stem.with_name(stem.name.rsplit("-", 1)[0] + "-closed")


def lips(described, shape, around):
    """[h, w] 0/1: the lips as they are at this moment and what is between them, `around` pixels more on each side."""
    points = np.concatenate([*map(np.array, described["lips"].values())]).astype(np.float32)
    hull = np.round(cv2.convexHull(points)).astype(np.int32)
    return cv2.dilate(cv2.fillConvexPoly(np.zeros(shape, np.uint8), hull, 1), np.ones((2 * around + 1, 2 * around + 1), np.uint8))


def ends(described, shape):
    """[h, w] 0..1: how near to the corners of the lips as they are at this moment; 0 in the middle half, and in a mouth half as high as wide."""
    upper, lower = (np.array(described["lips"][edge]) for edge in ("upper inner", "lower inner"))
    left, right = min(upper[:, 0].min(), lower[:, 0].min()), max(upper[:, 0].max(), lower[:, 0].max())
    across = np.abs(np.arange(shape[1]) + 0.5 - (left + right) / 2) * 2 / (right - left)
    high = (lower[:, 1] - upper[:, 1]).max() / (right - left)
    return np.broadcast_to(_smooth(across, 0.5, 0.85) * (1 - _smooth(high, 0.2, 0.45)), shape)


def astray(piece, described):
    """How many pixels of teeth lie well outside of the lips."""
    return int(((piece == TEETH) & (lips(described, piece.shape, 4) == 0)).sum())


def filled(values, known, reach):
    """[h, w, c] with what is unknown (known [h, w] = 0) taken from around it, by blurs as wide as `reach` says, the narrowest first."""
    known = known.astype(np.float32)
    done = values * known[..., None]
    for sigma in reach:
        weight = cv2.GaussianBlur(known, (0, 0), sigma)
        spread = cv2.GaussianBlur(done, (0, 0), sigma) / np.maximum(weight, 1e-6)[..., None]
        new = ((weight > 0.02) & (known == 0)).astype(np.float32)
        done, known = done + spread * new[..., None], known + new
    return done


def whiter(picture, teeth, much):
    """Teeth lie in the shade of the lips, and the shaders leave them a bluish grey; on a small picture they must still be teeth."""
    grey = picture.mean(-1, keepdims=True)
    light = np.clip(grey, 0, 1) ** (1 - 0.5 * much) * np.array([0.93, 1.0, 1.04], np.float32)
    return picture + teeth[..., None] * much * (light - picture)


def fleshed(picture, mouth, corner):
    """Behind the corners of the lips the renderer has black and grey, which reads as a hole; there it is the shade of the lips around it."""
    around = filled(picture, mouth < 0.02, (1.5, 4, 10))
    return picture + (mouth * corner)[..., None] * np.maximum(0.6 * around - picture, 0)


def pair(shot, matrix, background, worn, much=0.6):
    """One picture and its twin, placed in the square -> ref, out, flow, alpha, paint, all at 192. `worn(picture)` is what both go through first."""
    stem, described, layers = shot
    closed, opened = (np.clip(placed(premultiplied(read(s)), matrix), 0, 1) for s in (twin(stem), stem))
    layers = placed(layers.astype(np.float32), matrix, cv2.INTER_LINEAR)
    flow, (mouth, teeth, about, corner) = layers[..., :2] @ matrix[:, :2].T.astype(np.float32), layers[..., 2:].transpose(2, 0, 1)
    over = lambda p: p[..., :3] + (1 - p[..., 3:]) * background
    ref, true = worn(over(closed)), worn(fleshed(whiter(over(opened), np.minimum(teeth, mouth), much), mouth, corner), grain=False)
    rows = np.arange(FINE, dtype=np.float32)[:, None]
    gate = _smooth(rows / FINE, 0.5, 0.53).astype(np.float32)
    flow, mouth = flow * gate[..., None], mouth * gate
    grid = np.mgrid[0:FINE, 0:FINE].astype(np.float32)
    moved = cv2.remap(ref, grid[1] + flow[..., 0], grid[0] + flow[..., 1], cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    # A warp cannot darken a neck: away from the lips the picture has the shading of its twin
    near, skin = cv2.GaussianBlur(np.maximum(about, mouth), (0, 0), 2)[..., None], opened[..., 3]
    shade = cv2.GaussianBlur(np.clip(moved - true, -0.06, 0.06) * skin[..., None], (0, 0), 6) / (cv2.GaussianBlur(skin, (0, 0), 6) + 0.01)[..., None]
    shade *= (1 - near) * skin[..., None]
    out = np.clip(true + shade, 0, 1) * gate[..., None] + ref * (1 - gate[..., None])
    paint = filled(true, mouth > 0.9, (1.5, 4, 10)) if (mouth > 0.9).any() else np.zeros_like(true)
    return ref, out, flow * (2 / FINE), mouth, paint


def sample(rng, shot, plain):
    """One training sample of one picture."""
    wild = 0.3 if plain else 1.0
    matrix = placement(shot[1], np.exp(rng.uniform(-0.12, 0.12) * wild), rng.uniform(-0.04, 0.04, 2) * wild, np.radians(rng.uniform(-8, 8) * wild))
    blur = rng.uniform(0.5, 1.3) if not plain and rng.random() < 0.3 else 0
    grain = rng.standard_normal((FINE // 2, FINE // 2, 3)).astype(np.float32) * (rng.uniform(0.005, 0.03) if not plain and rng.random() < 0.35 else 0)
    grain = cv2.resize(grain, (FINE, FINE), interpolation=cv2.INTER_LINEAR)

    def worn(picture, **but):
        picture = cv2.GaussianBlur(picture, (0, 0), blur) if blur else picture
        return np.clip(picture if but else picture + grain, 0, 1)
    ref, out, flow, alpha, paint = pair(shot, matrix, backdrop(rng, FINE), worn)
    params = np.array(shot[1]["params"], np.float32)
    if rng.random() < 0.03:                                           # as good as closed
        params, out, flow, alpha = params * 0 + rng.normal(0, 0.006, 6).astype(np.float32), ref, flow * 0, alpha * 0
    if not plain and rng.random() < 0.25:
        cover, what = occluder(rng, FINE, matrix @ [*shot[1]["chin"], 1])
        ref, out = (p * (1 - cover) + what * cover for p in (ref, out))
        flow, alpha = flow * (1 - cover), alpha * (1 - cover[..., 0])
    change, place = colour(rng, not plain), Geometry.of(shot[1]).moved(matrix).place(FINE)
    out, flow, alpha, paint = (x[FINE // 2:] for x in (out, flow, alpha, paint))
    small = lambda x: cv2.resize(x, (SIZE, SIZE // 2), interpolation=cv2.INTER_AREA)
    ref, out, flow, alpha, paint = change(ref), change(out), small(flow), small(alpha), small(change(paint))
    if rng.random() < 0.5:
        ref, out, flow, alpha, paint, place = (*(x[:, ::-1] for x in (ref, out, flow * [-1, 1], alpha, paint)), place * [-1, 1, 1, -1])
    return {"ref": ref, "out": out, "flow": flow, "alpha": alpha, "paint": paint, "mouth": params, "place": place}


def choose(rng, people):
    """{name: shots} -> (name, a shot): ava in a third, max in a tenth, everybody else evenly."""
    roll, others = rng.random(), [n for n in people if n not in ("ava", "max")]
    name = "ava" if roll < 0.33 and "ava" in people else "max" if roll < 0.43 and "max" in people else str(rng.choice(others or list(people)))
    return name, people[name][rng.integers(len(people[name]))]


def main(workdir, count, *folders):
    count, people = int(count), {pathlib.Path(f).name: load(f) for f in folders}
    people = {name: shots for name, shots in people.items() if shots}
    held = list(people)[-1]
    strangers, people = {held: people[held]}, {n: s for n, s in people.items() if n != held}
    print({n: len(s) for n, s in people.items()}, "held out", held)
    out = arrays(pathlib.Path(workdir), "rendered", count)
    cv2.setNumThreads(1)
    for k in range(count):
        rng = np.random.default_rng([22, k])
        name, shot = choose(rng, strangers if k >= count - count // 25 else people)
        store(out, k, sample(rng, shot, name == "ava" and rng.random() < 0.6))
        if k % 500 == 0:
            print(k, count, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
