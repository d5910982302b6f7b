"""What is behind a rendered person, and what may be before the chin. BGR 0..1, float32."""
import cv2
import numpy as np


def backdrop(rng, size):
    """A colour, a gradient, or things out of focus: [size, size, 3]."""
    base = rng.uniform(0.1, 0.95) + rng.normal(0, 0.08, 3)
    picture = np.ones((size, size, 3), np.float32) * base.astype(np.float32)
    kind = rng.random()
    if kind > 0.35:
        ys, xs = np.mgrid[0:size, 0:size].astype(np.float32) / size - 0.5
        angle = rng.uniform(0, 2 * np.pi)
        picture += (xs * np.cos(angle) + ys * np.sin(angle))[..., None] * rng.normal(0, 0.3, 3).astype(np.float32)
    if kind > 0.65:
        for _ in range(rng.integers(3, 12)):
            tone = [float(v) for v in rng.uniform(0, 1) + rng.normal(0, 0.15, 3)]
            a, b = rng.integers(-20, size + 20, 2), rng.integers(5, size // 2, 2)
            if rng.random() < 0.5:
                cv2.rectangle(picture, [int(v) for v in a], [int(v) for v in a + b], tone, -1)
            else:
                cv2.ellipse(picture, [int(v) for v in a], [int(v) for v in b // 2 + 1], float(rng.uniform(0, 180)), 0, 360, tone, -1)
        picture = cv2.GaussianBlur(picture, (0, 0), rng.uniform(0.5, 5))
    return np.clip(picture, 0, 1)


def occluder(rng, size, chin):
    """A microphone, a finger or an edge that comes up to the chin -> (cover [size, size, 1], colours [size, size, 3])."""
    cover = np.zeros((size, size), np.float32)
    x, y = (int(v) for v in chin + rng.normal(0, [0.12 * size, 0.04 * size]))
    y = max(y, int(0.76 * size))                                        # below the lips
    thick = int(rng.uniform(0.05, 0.16) * size)
    kind = rng.random()
    if kind < 0.4:                                                      # a head on a stick
        cv2.ellipse(cover, (x, y + thick), (thick, int(thick * rng.uniform(0.8, 1.3))), float(rng.uniform(0, 90)), 0, 360, 1, -1)
        cv2.line(cover, (x, y + thick), (x + int(rng.normal(0, size / 4)), size + 20), 1, max(2, thick // 2))
    elif kind < 0.75:                                                   # fingers
        for finger in range(rng.integers(1, 4)):
            at = x + finger * int(1.3 * thick)
            cv2.line(cover, (at, y + thick), (at + int(rng.normal(0, size / 8)), size + 40), 1, thick)
    else:                                                               # a scarf, a desk
        cv2.fillPoly(cover, [np.array([(0, y + int(rng.normal(12, 8))), (size, y + int(rng.normal(12, 8))), (size, size), (0, size)])], 1)
    tone = rng.uniform(0.05, 0.9) + rng.normal(0, 0.06, 3) if rng.random() < 0.6 else np.array([0.55, 0.65, 0.85]) * rng.uniform(0.4, 1.1)
    ys = np.linspace(1.1, 0.8, size, dtype=np.float32)[:, None, None]
    what = np.clip(ys * tone.astype(np.float32) * np.ones((size, size, 3), np.float32), 0, 1)
    return cv2.GaussianBlur(cover, (0, 0), 0.8)[..., None], what
