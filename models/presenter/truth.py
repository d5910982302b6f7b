"""What is known of a picture because every vertex is: where the mouth is, what is inside of it, and how its pixels moved.

A picture is compared with its closed twin: the same moment with the mouth at rest. As in tinylip's teacher,
picture = (1 - hidden) * (twin, looked up at pixel + flow) + hidden * (what the twin does not show).
"""
import numpy as np

import raster

SOLID = ("body", "teeth", "tongue", "eyes", "clothes")     # hair, brows and lashes are half transparent: they count as on the skin
# Where lips meet and chin ends in the square that a lip-sync model gets, as parts of its height (src/avatar/portrait/geometry.ts).
MOUTH_LINE, CHIN_LINE = 0.63, 0.87


class Geometry:
    """The pieces of one moment on the screen."""

    def __init__(self, pieces, camera):
        """`pieces`: {name: (vertices [V, 3], quads [F, 4])}"""
        self.camera, self.pieces = camera, {k: pieces[k] for k in SOLID}
        counts = np.cumsum([0] + [len(v) for v, _ in self.pieces.values()])
        self.screen = np.concatenate([camera.project(v) for v, _ in self.pieces.values()])
        self.triangles = np.concatenate([raster.triangles(q) + at for (_, q), at in zip(self.pieces.values(), counts)])
        sizes = [2 * len(q) for _, q in self.pieces.values()]
        self.piece = np.repeat(np.arange(len(SOLID)), sizes)
        self.seen = raster.look(self.screen, self.triangles, *camera.window[2:])


def compare(picture, twin, tolerance=0.002):
    """flow [H, W, 2] in pixels, hidden [H, W], piece [H, W] (255 = nothing): of two moments of one person."""
    seen, there = picture.seen, raster.carry(picture.seen, picture.triangles, twin.screen)
    width, height = picture.camera.window[2:]
    ys, xs = np.mgrid[0:height, 0:width] + 0.5
    flow = there[..., :2] - np.stack([xs, ys], -1)
    at = np.floor(there[..., :2]).astype(int)
    outside = (at < 0).any(-1) | (at[..., 0] >= width) | (at[..., 1] >= height)
    x, y = np.clip(at[..., 0], 0, width - 1), np.clip(at[..., 1], 0, height - 1)
    # Behind what the twin shows at that pixel: hidden there. The tolerance is a part of the distance.
    hidden = (there[..., 2] < twin.seen.nearness[y, x] * (1 - tolerance)) | outside
    nothing = seen.triangle < 0
    flow[nothing] = 0
    piece = np.where(nothing, 255, picture.piece[np.maximum(seen.triangle, 0)]).astype(np.uint8)
    return flow, hidden & ~nothing, piece


def mouth_mask(hidden, piece, described):
    """What is seen between the lips: newly visible, and near the mouth."""
    h, w = hidden.shape
    ys, xs = np.mgrid[0:h, 0:w] + 0.5
    mouth = described["mouth"]
    away = np.hypot(xs - mouth["centre"][0], (ys - mouth["centre"][1]) * 0.8) / mouth["halfWidth"]
    inside = np.isin(piece, [SOLID.index("teeth"), SOLID.index("tongue")]) | (hidden & (piece == SOLID.index("body")))
    return inside & (away < 1.35)


def describe(name, points, closed, camera, moment):
    """The portrait generator's JSON for one picture, and besides the lips' inner edges as they are.

    `points`: {landmark: [N, 3]} of this moment, `closed` of its twin, from which comes all that a lip-sync model is told.
    """
    px = lambda p: camera.project(np.atleast_2d(p))[:, :2]
    line = _smooth_line((px(closed["upper inner"]) + px(closed["lower inner"])) / 2, 25)
    left, right, centre = line[0], line[-1], line[12]
    chin = px(closed["chin"])[0]
    side = (chin[1] - centre[1]) / (CHIN_LINE - MOUTH_LINE)
    upper, lower = px(closed["upper outer"])[0], px(closed["lower outer"])[0]
    eyes = {"left": px(points["right eye"])[0], "right": px(points["left eye"])[0]}       # as the viewer sees them
    half = np.hypot(*(right - left)) / 2
    out = {
        "name": name, "width": camera.window[2], "height": camera.window[3],
        "mouth": {"centre": centre, "halfWidth": half, "corners": [left, right], "line": line, "upper": centre[1] - upper[1],
                  "lower": lower[1] - centre[1], "tilt": np.degrees(np.arctan2(right[1] - left[1], right[0] - left[0]))},
        "chin": chin, "noseBase": px(closed["nose base"])[0],
        "eyes": {**eyes, "blink": max(moment.blink)},
        "box": {"x": centre[0] - side / 2, "y": centre[1] - MOUTH_LINE * side, "w": side, "h": side},
        "lips": {edge: px(points[edge]) for edge in ("upper inner", "lower inner", "upper outer", "lower outer")},
        "jaw": px(points["chin"])[0], "params": moment.mouth,
    }
    return _plain(out)


def _smooth_line(points, n):
    """n points along a curve of the fourth degree through those of the mesh, which lie unevenly and on either side of the seam."""
    start, way = points[0], points[-1] - points[0]
    across = np.array([-way[1], way[0]])
    along, aside = (points - start) @ way / (way @ way), (points - start) @ across / (way @ way)
    at = np.linspace(0, 1, n)
    curve = np.polyval(np.polyfit(along, aside, 4), at)
    return start + at[:, None] * way + curve[:, None] * across


def _plain(value):
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, (list, tuple, np.ndarray)):
        return [_plain(v) for v in value]
    return round(float(value), 3) if isinstance(value, (float, np.floating)) else value if isinstance(value, (str, int)) else float(value)
