"""Hair brought into order: locks that hang over an eye are swept to the side, along the head."""
import numpy as np

from posture import smoothstep


def sweep(hair, joints, side, strength):
    """Press the angles between the face's middle and the ear together, fully at the eyes, not at all at the parting.

    `side` is the person's: +1 left, -1 right. The locks keep their distance from the head's axis, so they lie on it as before.
    """
    axis, eyes = joints["head"], joints["eye"]
    x, z = (hair[:, 0] - axis[0]) * side, hair[:, 2] - axis[2]
    radius, angle = np.hypot(x, z), np.degrees(np.arctan2(x, z))
    low = 1 - smoothstep(hair[:, 1], eyes[1] + 0.05, eyes[1] + 0.95)
    front = smoothstep(angle, -40, -5) * (angle < 100)
    angle = angle + strength * low * front * (100 - angle)
    out = hair.copy()
    out[:, 0] = axis[0] + side * radius * np.sin(np.radians(angle))
    out[:, 2] = axis[2] + radius * np.cos(np.radians(angle))
    return out
