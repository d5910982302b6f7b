"""Pictures moved by what is known of their vertices. Colours are premultiplied by alpha in here, floats of 0..1, [H, W, 4]."""
from dataclasses import replace

import numpy as np
from PIL import Image

import raster
from moment import Moment

COARSE = 3                            # pixels of the picture per sample of the flow, which is smooth
FEATHER = 0.16                        # of a window's height: how softly what is laid over begins


def load(path):
    picture = np.asarray(Image.open(path).convert("RGBA"), np.float32) / 255
    picture = picture.copy()
    picture[..., :3] *= picture[..., 3:]
    return picture


class Between:
    """Frames between whole pictures, which lie in `folder` as NAME.png."""

    def __init__(self, person, camera, folder):
        self.person, self.camera, self.folder = person, camera, folder
        width, height = camera.size
        self.coarse = replace(camera, size=(width // COARSE, height // COARSE))
        faces = {"body": person.assets.body.faces[person.skin_faces()]} | {k: p.mesh.faces for k, p in person.worn.items()}
        vertices = person.at(Moment())
        starts = np.cumsum([0] + [len(vertices[name]) for name in faces])
        self.names, self.kept = list(faces), {}
        self.triangles = np.concatenate([raster.triangles(f) + at for f, at in zip(faces.values(), starts)])

    def _points(self, moment):
        at = self.person.at(moment)
        return self.coarse.project(np.concatenate([at[name] for name in self.names]))

    def _picture(self, name):
        if name not in self.kept:
            self.kept = dict(list(self.kept.items())[-1:]) | {name: load(self.folder / f"{name}.png")}
        return self.kept[name]

    def at(self, moment, neighbours, part):
        """`neighbours`: {name of a whole picture: its moment}, before and after; `part` of the way to the second."""
        screen = self._points(moment)
        seen = raster.look(screen, self.triangles, *self.coarse.size)
        out = 0
        for (name, there), share in zip(neighbours.items(), (1 - part, part)):
            if share:
                moved = COARSE * (self._points(there) - screen)[:, :2]
                flow = filled(raster.carry(seen, self.triangles, moved), seen.triangle >= 0)
                out = out + np.float32(share) * moved_by(self._picture(name), enlarged(flow, *self.camera.size))
        return out


def filled(values, known):
    """Where nothing is known, what is near: averages of ever coarser squares. [H, W, C]"""
    if known.all() or min(known.shape) < 2:
        return values
    h, w = known.shape
    pad = lambda a: np.pad(a, [(0, -h % 2), (0, -w % 2)] + [(0, 0)] * (a.ndim - 2))
    weight = pad(known.astype(float))
    quarter = lambda a: a.reshape(a.shape[0] // 2, 2, a.shape[1] // 2, 2, *a.shape[2:]).sum((1, 3))
    count = quarter(weight)
    mean = quarter(pad(values) * weight[..., None]) / np.maximum(count, 1)[..., None]
    coarse = filled(mean, count > 0).repeat(2, 0).repeat(2, 1)[:h, :w]
    return np.where(known[..., None], values, coarse)


def enlarged(flow, width, height):
    """Linear between the coarse samples, and smoothed by one of them: no step where hair ends and cheek begins."""
    image = lambda band: Image.fromarray(band.astype(np.float32)).resize((width, height), Image.Resampling.BICUBIC)
    soft = flow.copy()
    for axis in (0, 1):
        edge = [(1, 1) if a == axis else (0, 0) for a in range(3)]
        padded = np.pad(soft, edge, mode="edge")
        take = lambda n: np.take(padded, range(n, n + soft.shape[axis]), axis)
        soft = (take(0) + 2 * take(1) + take(2)) / 4
    return np.stack([np.asarray(image(soft[..., axis])) for axis in (0, 1)], -1)


def moved_by(picture, flow):
    """picture looked up at pixel + flow, by cubic (Catmull-Rom) interpolation."""
    h, w = picture.shape[:2]
    ys, xs = np.mgrid[0:h, 0:w].astype(np.float32)
    xs, ys = xs + flow[..., 0], ys + flow[..., 1]
    x0, y0 = np.floor(xs).astype(np.int32), np.floor(ys).astype(np.int32)
    weights = lambda t: (((-0.5 * t + 1) * t - 0.5) * t, (1.5 * t - 2.5) * t * t + 1, ((-1.5 * t + 2) * t + 0.5) * t, (0.5 * t - 0.5) * t * t)
    across, down = weights(xs - x0), weights(ys - y0)
    out = np.zeros_like(picture)
    for j, wy in enumerate(down):
        row = np.clip(y0 + j - 1, 0, h - 1) * w
        for i, wx in enumerate(across):
            out += picture.reshape(-1, 4)[row + np.clip(x0 + i - 1, 0, w - 1)] * (wy * wx)[..., None]
    return out


def lay_over(picture, path, window):
    """What was rendered of a window, softly into the whole."""
    left, top, width, height = window
    soft = FEATHER * height
    edge = lambda n: np.clip((np.minimum(np.arange(n), n - 1 - np.arange(n)) + 0.5) / soft, 0, 1)
    mask = edge(height)[:, None] * edge(width)
    mask = (mask * mask * (3 - 2 * mask))[..., None].astype(np.float32)
    picture = picture.copy()
    part = picture[top:top + height, left:left + width]
    part += mask * (load(path) - part)
    return picture


def shrink(picture, width, height):
    """-> an 8-bit RGBA image, not premultiplied."""
    bands = [Image.fromarray(np.ascontiguousarray(picture[..., i])).resize((width, height), Image.Resampling.BICUBIC) for i in range(4)]
    out = np.stack([np.asarray(b) for b in bands], -1)
    alpha = np.clip(out[..., 3:], 0, 1)
    colour = np.clip(out[..., :3] / np.maximum(alpha, 1e-4), 0, 1)
    return Image.fromarray(np.round(np.concatenate([colour, alpha], -1) * 255).astype(np.uint8))
