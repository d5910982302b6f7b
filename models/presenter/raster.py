"""Which triangle each pixel sees: the ground truth of a picture, from its vertices and the camera alone."""
from dataclasses import dataclass

import numpy as np


@dataclass
class Camera:
    """Looks along -z at (0, middle) from `distance` before z = front; `height` decimetres fill the picture's height there."""
    middle: float
    front: float
    distance: float
    height: float
    size: tuple                      # width and height of the whole picture, pixels
    crop: tuple = None               # left, top, width, height of what is looked at; all of it when absent

    @property
    def window(self):
        return tuple(self.crop or (0, 0, *self.size))

    def project(self, v):
        """[V, 3] -> [V, 3]: x and y in pixels from the window's left upper corner, and 1/depth, which is linear on the screen."""
        (width, height), (left, top, _, _) = self.size, self.window
        inverse = 1 / (self.front + self.distance - v[:, 2])
        scale = height / self.height * self.distance * inverse
        return np.stack([width / 2 - left + v[:, 0] * scale, height / 2 - top - (v[:, 1] - self.middle) * scale, inverse], 1)


@dataclass
class Seen:
    triangle: np.ndarray             # [H, W] number, -1 where nothing is
    share: np.ndarray                # [H, W, 3] of each corner, right for perspective
    nearness: np.ndarray             # [H, W] 1/depth


def triangles(quads):
    return np.concatenate([quads[:, [0, 1, 2]], quads[:, [0, 2, 3]]])


def look(screen, tris, width, height, chunk=400_000):
    """Nearest triangle at each pixel's middle. `screen` is what project() gave."""
    corners = screen[tris]                                          # [T, 3, 3]
    low = np.floor(corners[:, :, :2].min(1) - 0.5).astype(int)
    high = np.ceil(corners[:, :, :2].max(1) - 0.5).astype(int)
    low, high = np.maximum(low, 0), np.minimum(high, [width - 1, height - 1])
    size = (high - low + 1).max(1)
    inside = ((high >= low).all(1)).nonzero()[0]
    found = []
    for exponent in range(12):                                      # triangles of like size together: few loops, little waste
        side = 2 ** exponent
        group = inside[(size[inside] <= side) & (size[inside] > side // 2)]
        step = max(1, chunk // (side * side))
        for start in range(0, len(group), step):
            found.append(_hits(corners, group[start:start + step], low, side, width, height))
    pixel, tri, share, near = [np.concatenate(part) for part in zip(*found)]
    order = np.lexsort((-near, pixel))
    first = np.ones(len(order), bool)
    first[1:] = pixel[order][1:] != pixel[order][:-1]
    best = order[first]
    seen = Seen(np.full(width * height, -1), np.zeros((width * height, 3)), np.zeros(width * height))
    seen.triangle[pixel[best]], seen.share[pixel[best]], seen.nearness[pixel[best]] = tri[best], share[best], near[best]
    return Seen(seen.triangle.reshape(height, width), seen.share.reshape(height, width, 3), seen.nearness.reshape(height, width))


def _hits(corners, group, low, side, width, height):
    ys, xs = np.divmod(np.arange(side * side), side)
    px, py = low[group, 0:1] + xs, low[group, 1:2] + ys             # [n, side²]
    a, b, c = corners[group][:, 0, None], corners[group][:, 1, None], corners[group][:, 2, None]
    x, y = px + 0.5, py + 0.5
    area = (b[..., 0] - a[..., 0]) * (c[..., 1] - a[..., 1]) - (b[..., 1] - a[..., 1]) * (c[..., 0] - a[..., 0])
    area = np.where(np.abs(area) < 1e-12, np.inf, area)
    wa = ((b[..., 0] - x) * (c[..., 1] - y) - (b[..., 1] - y) * (c[..., 0] - x)) / area
    wb = ((c[..., 0] - x) * (a[..., 1] - y) - (c[..., 1] - y) * (a[..., 0] - x)) / area
    wc = 1 - wa - wb
    hit = (wa >= 0) & (wb >= 0) & (wc >= 0) & (px < width) & (py < height) & np.isfinite(area)
    weights = np.stack([wa, wb, wc], -1)[hit]
    tri = np.broadcast_to(group[:, None], hit.shape)[hit]
    inverse = corners[tri][:, :, 2]
    near = (weights * inverse).sum(1)
    return (py * width + px)[hit], tri, weights * inverse / near[:, None], near


def carry(seen, tris, values):
    """[H, W, ...] what the vertices carry, at what each pixel sees."""
    tri = np.maximum(seen.triangle, 0)
    return np.einsum("hwk,hwk...->hw...", seen.share, values[tris[tri]])
