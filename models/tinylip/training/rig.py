"""The mouth rig: a closed-mouth picture and six parameters -> the picture saying it, with exact flow and alpha.

Works in mouth units: u to the right, v down, 1 = half the mouth's width, v = 0 on the closed parting line.
`out = (1 - alpha) * warp(reference, flow) + alpha * paint`: the warp moves lips, cheeks and jaw, the paint is
what was hidden behind the lips (teeth, tongue, the dark).
"""
from dataclasses import dataclass, field, replace

import cv2
import numpy as np


@dataclass
class Geometry:
    """Where the closed mouth is, in pixels of the picture; `line` = parting line offsets in v over u in [-1, 1]."""
    x: float
    y: float
    half: float
    chin: float                      # v of the chin
    top: float = -0.36               # v of the upper lip's upper edge
    bottom: float = 0.42             # v of the lower lip's lower edge
    nose: float = -0.95              # v of the nose's base
    line: np.ndarray = field(default_factory=lambda: np.zeros(9))

    roll: float = 0.0                # radians, clockwise

    @classmethod
    def of(cls, described):
        """From the JSON that the portrait generator writes."""
        m = described["mouth"]
        roll, half = np.radians(m["tilt"]), m["halfWidth"]
        turn = np.array([[np.cos(roll), np.sin(roll)], [-np.sin(roll), np.cos(roll)]])
        place = lambda point: turn @ (np.array(point) - m["centre"]) / half
        line = np.array([place(p) for p in m["line"]])
        return cls(*m["centre"], half, place(described["chin"])[1], -m["upper"] / half, m["lower"] / half,
                   place(described["noseBase"])[1], np.interp(np.linspace(-1, 1, 25), line[:, 0], line[:, 1]), roll)

    def moved(self, matrix):
        """The same mouth after a similarity transform [2, 3] of the picture."""
        x, y = matrix @ [self.x, self.y, 1]
        scale = float(np.hypot(matrix[0, 0], matrix[1, 0]))
        return replace(self, x=x, y=y, half=self.half * scale, roll=self.roll + float(np.arctan2(matrix[1, 0], matrix[0, 0])))

    def place(self, size):
        """Middle, half width in halves of a square of this size, from its middle; roll: what FaceNet.where tells."""
        return np.array([self.x * 2 / size - 1, self.y * 2 / size - 1, self.half * 2 / size, self.roll], np.float32)


def _smooth(x, a, b):
    t = np.clip((x - a) / (b - a), 0, 1)
    return t * t * (3 - 2 * t)


def _through(v, knots):
    """Piecewise linear per pixel: knots = [(position, value)], arrays like v, positions ascending."""
    out = knots[0][1] + np.zeros_like(v)
    for (p0, y0), (p1, y1) in zip(knots, knots[1:]):
        t = np.clip((v - p0) / np.maximum(p1 - p0, 1e-3), 0, 1)
        out = np.where(v > p0, y0 + (y1 - y0) * t, out)
    return out


def shape(params):
    """Named sizes of the mouth for one parameter vector."""
    o, wide, up, tuck, teeth, tongue = [float(p) for p in params]
    pucker, spread, press, bite = max(-wide, 0), max(wide, 0), max(-tuck, 0), max(tuck, 0)
    return dict(
        open=o, up=up, teeth=teeth, tongue=tongue, pucker=pucker, spread=spread, press=press, bite=bite,
        width=1 + 0.17 * spread - 0.38 * pucker - 0.05 * o - 0.04 * press,
        inner=1 - 0.22 * pucker,                                           # part of the width where the lips part
        power=0.85 - 0.38 * pucker,
        rise=(0.06 * o + 0.2 * up + 0.02 * teeth) * (1 - 0.45 * pucker) + 0.3 * pucker * min(o, 0.5) + 0.03 * bite,
        drop=max(0.0, 0.74 * o + 0.1 * teeth * (1 - bite) - 0.1 * bite + 0.03 * tongue * (o > 0.02)) * (1 - 0.2 * pucker),
        jaw=0.46 * o + 0.03 * teeth,
        corner=0.11 * o - 0.05 * spread,
        upper=(1 - 0.4 * press - 0.12 * spread + 0.22 * pucker - 0.06 * o) * (1 - 0.12 * bite),
        lower=(1 - 0.42 * press - 0.14 * spread + 0.06 * pucker - 0.05 * o) * (1 - 0.5 * bite),
    )


def fields(geometry, params, size, first=0):
    """Everything both halves of a rendering need, for the rows from `first` on."""
    ys, xs = np.mgrid[first:size, 0:size].astype(np.float32) + np.float32(0.5)
    c, s = np.cos(geometry.roll), np.sin(geometry.roll)
    dx, dy = (xs - geometry.x) / geometry.half, (ys - geometry.y) / geometry.half
    u, v = c * dx + s * dy, -s * dx + c * dy
    m = shape(params)
    w = m["width"]
    side = np.abs(u) / w
    line = np.interp(np.clip(u / w, -1, 1), np.linspace(-1, 1, len(geometry.line)), geometry.line).astype(np.float32)
    h = np.maximum(1 - (np.abs(u) / (w * m["inner"])) ** 2, 0) ** m["power"]
    outside = 1 - _smooth(side, 1.0, 2.3)
    corner = m["corner"] * np.minimum(side, 1) ** 2 * outside
    y_up = line + corner - m["rise"] * h                     # inner edge of the upper lip
    y_low = line + corner + m["drop"] * h                    # inner edge of the lower lip
    floor = (size - geometry.y) / geometry.half - 0.02       # v of the picture's lower edge
    return u, v, m, w, side, line, y_up, y_low, floor


def warp(geometry, given):
    """`given` = fields(). -> (map_x, map_y float32 in pixels, alpha [size, size]): where each output pixel comes from, and the open mouth."""
    u, v, m, w, side, line, y_up, y_low, floor = given
    k = 1 - _smooth(side, 1.0, 1.5)                          # lips end at the corners
    body = np.exp(-(u / 1.75) ** 4)
    thick_up = geometry.top * (1 + (m["upper"] - 1) * k) * np.sqrt(np.maximum(1 - np.minimum(side, 1) ** 2, 0.02))
    rest_up = geometry.top * np.sqrt(np.maximum(1 - np.minimum(side, 1) ** 2, 0.02))
    thick_low = geometry.bottom * (1 + (m["lower"] - 1) * k) * np.sqrt(np.maximum(1 - np.minimum(side, 1) ** 2, 0.02))
    rest_low = geometry.bottom * np.sqrt(np.maximum(1 - np.minimum(side, 1) ** 2, 0.02))
    nose, under = geometry.nose, max(min(geometry.chin + 0.72, floor), geometry.chin + m["jaw"] + 0.05)
    zero = np.zeros_like(v)
    upper = _through(v, [(nose + zero, nose + zero), (y_up + thick_up, line + rest_up), (y_up, line)])
    upper = np.where(v < nose, v, upper)
    chin = geometry.chin + m["jaw"] * body
    lower = _through(v, [(y_low, line), (y_low + thick_low, line + rest_low), (chin, geometry.chin + zero), (under + zero, under + zero)])
    lower = np.where(v > under, v, lower)
    source_v = np.where(v < (y_up + y_low) / 2, upper, lower)
    # sideways: the corners move to +-width, the cheeks take it up; fades above the nose and below the lips
    middle = (y_up + y_low) / 2
    reach = 1.75                                             # short of the face's outline, which must not bend
    pulled = np.where(side <= 1, u / w, np.sign(u) * (1 + (np.abs(u) - w) * (reach - 1) / (reach - w)))
    pulled = np.where(np.abs(u) > reach, u, pulled)
    height = np.where(v < middle, np.exp(-((v - y_up) / 0.5) ** 2), np.exp(-((v - y_low) / 0.7) ** 2))
    height = np.where((v > y_up) & (v < y_low), 1, height)
    source_u = u + (pulled - u) * height
    source_u *= 1 + 0.05 * m["open"] * _smooth(v, 0.4, geometry.chin) * body * (1 - _smooth(v, geometry.chin, under))
    c, s = np.cos(geometry.roll), np.sin(geometry.roll)
    map_x = geometry.x + (c * source_u - s * source_v) * geometry.half - 0.5
    map_y = geometry.y + (s * source_u + c * source_v) * geometry.half - 0.5
    soft = 0.75 / geometry.half                              # about one pixel of anti-aliasing
    gap = y_low - y_up
    alpha = np.clip((v - y_up) / soft + 0.5, 0, 1) * np.clip((y_low - v) / soft + 0.5, 0, 1) * _smooth(gap, 0.012, 0.07)
    return map_x.astype(np.float32), map_y.astype(np.float32), alpha.astype(np.float32)


def paint(geometry, given):
    """What is behind the lips, float32 BGR 0..1 [rows, size, 3]. `given` = fields()."""
    u, v, m, w, side, line, y_up, y_low, _ = given
    edge = 0.9 / geometry.half
    step = lambda x: np.clip(x / edge + 0.5, 0, 1)[..., None]
    depth = np.clip((v - y_up) / np.maximum(y_low - y_up, 0.05), 0, 1)[..., None]
    dark = np.array([0.10, 0.085, 0.20])
    picture = dark * (0.55 + 0.9 * depth)
    arch = np.clip(1 - (u / 1.02) ** 2, 0, 1)                # rows of teeth go back at the sides
    # the tongue lies on the floor of the mouth and rises with its parameter
    floor = m["drop"] + m["corner"] * 0.3
    tip = floor - 0.16 - 0.1 * m["open"] - m["tongue"] * max(0.0, floor - 0.2) * 0.75
    width = (0.62 - 0.1 * m["tongue"]) * (1 - 0.25 * m["pucker"])
    dome = tip + 0.5 * (u / width) ** 2 * 0.45
    tongue_colour = np.array([0.42, 0.40, 0.76]) * (0.72 + 0.28 * np.clip((v - dome) / 0.25, 0, 1))[..., None]
    groove = 1 - 0.12 * np.exp(-(u / 0.05) ** 2)[..., None]
    seen = step(v - dome) * step(width * 1.05 - np.abs(u)) * min(1.0, m["open"] * 3 + m["tongue"] * 1.5)
    picture = picture * (1 - seen) + tongue_colour * groove * seen
    # teeth: ivory, rounded lower edges, thin gaps, darker towards the corners
    tooth = 0.26
    ivory = np.array([0.80, 0.88, 0.92])
    shade = (0.35 + 0.65 * arch ** 0.8)[..., None]
    cell = (u / tooth + 100) % 1
    gap = (1 - 0.3 * np.exp(-((cell - np.round(cell)) / 0.13) ** 2))[..., None]
    # lower row: rides on the jaw
    top = y_low - (0.05 + 0.06 * m["teeth"]) * arch - 0.02 * m["open"]
    small = (u / (tooth * 0.72) + 100.5) % 1
    small_gap = (1 - 0.28 * np.exp(-((small - np.round(small)) / 0.16) ** 2))[..., None]
    top = top + 0.012 * np.abs(small - 0.5)
    seen = step(v - top) * (0.35 + 0.65 * m["teeth"]) * (1 - 0.9 * m["pucker"]) * (1 - m["tongue"] * step(width * 0.9 - np.abs(u))) * (arch > 0)[..., None] * min(1.0, 0.3 + m["open"] * 3 + m["teeth"])
    picture = picture * (1 - seen) + ivory * 0.82 * shade * small_gap * seen
    # upper row: fixed to the head
    bottom = (0.115 - 0.2 * m["pucker"] + 0.04 * m["bite"]) * np.sqrt(arch) + line * 0.5
    bottom = np.minimum(bottom, y_low - 0.01) if m["bite"] > 0.3 else bottom
    bottom = bottom - 0.02 * np.abs(cell - 0.5) - 0.015 * (np.abs(u) > tooth) * arch
    near_lip = 0.72 + 0.28 * np.clip((v - y_up) / 0.1, 0, 1)[..., None]
    seen = step(bottom - v) * (arch > 0)[..., None]
    picture = picture * (1 - seen) + ivory * shade * gap * near_lip * seen
    return np.clip(picture, 0, 1).astype(np.float32)


def render(picture, geometry, params):
    """picture float32 BGR [size, size, 3], closed mouth -> (out, flow [size, size, 2] in half sizes, alpha, paint). The upper half stays."""
    size = picture.shape[0]
    first = size // 2 - 2
    given = fields(geometry, params, size, first)
    map_x, map_y, alpha = warp(geometry, given)
    grid = np.mgrid[first:size, 0:size].astype(np.float32)
    gate = _smooth(grid[0] / size, 0.5, 0.53).astype(np.float32)         # the first rows fade in
    map_x, map_y = grid[1] + (map_x - grid[1]) * gate, grid[0] + (map_y - grid[0]) * gate
    alpha = alpha * gate
    moved = cv2.remap(picture, map_x, map_y, cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    out = picture.copy()
    inside = np.zeros_like(picture)
    inside[first:] = paint(geometry, given)
    out[first:] = np.clip(moved * (1 - alpha[..., None]) + inside[first:] * alpha[..., None], 0, 1)
    flow = np.zeros((size, size, 2), np.float32)
    flow[first:] = np.stack([map_x - grid[1], map_y - grid[0]], -1) * (2 / size)
    whole = np.zeros((size, size), np.float32)
    whole[first:] = alpha
    return out, flow, whole, inside
