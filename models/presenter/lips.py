"""The two lips as parts of the body: what belongs to which, and how to close the seam between them."""
import heapq

import numpy as np

from posture import smoothstep

ROUND = 0.72


class Lips:
    def __init__(self, body, shape, parling, opening):
        """`parling` parts the lips, so it tells where they are; `opening` drops the jaw, so it tells the lower from the upper."""
        self.shape = shape
        self.seam = self._pairs(np.abs(parling[:, 1]) > 0.5 * np.abs(parling[:, 1]).max(), opening[:, 1])
        line = shape[self.seam].mean(1)
        self.half = np.abs(line[:, 0]).max()
        # Along the skin the lips touch only in the corners: what is nearer to the upper one along the skin is the upper's, inside and out.
        to_upper, to_lower = self._along_skin(body.faces, self.seam[:, 0]), self._along_skin(body.faces, self.seam[:, 1])
        side = smoothstep(to_lower - to_upper, -0.02, 0.02)
        within = 1 - smoothstep(np.abs(shape[:, 0]) / self.half, 0.70, 1.20)     # the corners themselves are the units' affair
        upper, lower = side * (1 - smoothstep(to_upper, 0.03, 0.24)), (1 - side) * (1 - smoothstep(to_lower, 0.05, 0.28))
        self.upper, self.lower = (within * upper)[:, None], (within * lower)[:, None]
        # What closes a gap closes it up to the corner, or a dark nick is left there.
        meeting = 1 - smoothstep(np.abs(shape[:, 0]) / self.half, 0.95, 1.25)
        self.meeting = (meeting * upper)[:, None], (meeting * lower)[:, None]

    def _pairs(self, lips, opening):
        """[N, 2] an upper and a lower lip's vertex that touch at rest and part when the jaw drops, from the person's right to the left."""
        middle = self.shape[lips].mean(0)
        near = (np.abs(self.shape - middle + [0, 0, 0.08]) < [0.3, 0.06, 0.16]).all(1).nonzero()[0]
        away = np.linalg.norm(self.shape[near][:, None] - self.shape[near][None], axis=2)
        away[(opening[near][:, None] - opening[near][None]) < 0.06] = np.inf       # [upper, lower]
        mutual = [(i, j) for i, j in enumerate(away.argmin(1)) if away[:, j].argmin() == i and away[i, j] < 0.035]
        pairs = near[np.array(mutual)]
        return pairs[self.shape[pairs[:, 0], 0].argsort()]

    def _along_skin(self, faces, start, limit=0.5):
        """[V] the way along the mesh's edges from the nearest start; inf beyond the limit. (Dijkstra.)"""
        near = np.linalg.norm(self.shape - self.shape[start].mean(0), axis=1) < 1.0
        neighbours = {}
        for quad in faces[near[faces].all(1)]:
            for a, b in zip(quad, np.roll(quad, 1)):
                neighbours.setdefault(a, set()).add(b)
                neighbours.setdefault(b, set()).add(a)
        far = np.full(len(self.shape), 1e9)
        far[start] = 0
        heap = [(0.0, v) for v in start]
        while heap:
            way, at = heapq.heappop(heap)
            if way > far[at] or way > limit:
                continue
            for other in neighbours.get(at, ()):
                there = way + float(np.linalg.norm(self.shape[at] - self.shape[other]))
                if there < far[other]:
                    far[other] = there
                    heapq.heappush(heap, (there, other))
        return far

    def gap(self, change):
        """How far a change moves the lips apart along the seam: [N, 3]."""
        return change[self.seam[:, 0]] - change[self.seam[:, 1]]

    def closed(self, change, how_much):
        """The change with the gap it makes taken back, by `how_much`(|x| / half of the mouth, gap [25]) of it, half by each lip."""
        x = self.shape[self.seam].mean(1)[:, 0]
        knots = np.linspace(-self.half, self.half, 25)
        near = np.exp(-((knots[:, None] - x) / (self.half / 10)) ** 2)           # pairs crowd in the corners: a smooth curve through them
        gap = (near @ self.gap(change)) / near.sum(1, keepdims=True)
        part = how_much(np.abs(knots) / self.half, gap[:, 1])[:, None] * gap / 2
        spread = np.stack([np.interp(self.shape[:, 0], knots, part[:, axis]) for axis in range(3)], 1)
        upper, lower = self.meeting
        return change - upper * spread + lower * spread

    def rounded(self, change, strength):
        """A wide slit becomes a round hole: half an ellipse above and below, and beyond ROUND of the mouth's half the lips meet."""
        def part(t, gap):
            ellipse = gap.max() * np.sqrt(np.clip(1 - (t / ROUND) ** 2, 0, 1))
            return strength * (1 - np.clip(ellipse / np.maximum(gap, 1e-3), 0, 1.8))
        return self.closed(change, part)
