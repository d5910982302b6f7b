"""Where on the body something is: lids, lips, the shirt's edge. Numbers per vertex of the base mesh."""
import numpy as np

from posture import smoothstep


def near(vertices, centre, radii):
    """1 at the centre, falling to 0 at the radii: an ellipsoid's inside."""
    return 1 - smoothstep(np.linalg.norm((vertices - centre) / radii, axis=1), 0.45, 1.0)


def paint(character):
    v, described = character.shape, character.described
    lids = np.maximum(*(near(v, character.joint(f"eye.{s}____head") + [0, 0.02, 0.15], [0.34, 0.26, 0.5]) for s in "LR"))
    nose, mouth = v[297], v[474]
    cheeks = sum(near(v, character.joint(f"eye.{s}____head") + [side * 0.14, -0.52, 0.1], [0.42, 0.36, 0.6]) for s, side in (("L", 1), ("R", -1)))
    blush = np.clip(cheeks + 0.4 * near(v, nose, [0.25, 0.2, 0.3]) + 0.4 * near(v, mouth - [0, 0.42, 0], [0.35, 0.2, 0.4]), 0, 1)
    out = {"lids": lids, "blush": blush, "tone": np.tile([0.72, 0.47, 0.36, 1.0], (len(v), 1))}
    if described.get("shirt"):
        collar = character.joint("neck01____head")[1] - 0.42
        edge = collar + 0.35 * np.abs(v[:, 0]) ** 1.5
        out["shirt"] = smoothstep(edge - v[:, 1], -0.01, 0.01) * (v[:, 2] > 0.2)
    return out
