"""Where on the body something is: lids, lips, the shirt's edge. Numbers per vertex of the base mesh."""
import numpy as np
from PIL import Image

from posture import smoothstep


def near(vertices, centre, radii):
    """1 at the centre, falling to 0 at the radii: an ellipsoid's inside."""
    return 1 - smoothstep(np.linalg.norm((vertices - centre) / radii, axis=1), 0.45, 1.0)


def tone(character, skin):
    """The colour of the cheeks in the texture, linear: what lids without make-up have, and what lips and blood are a shade of."""
    texture = np.asarray(Image.open(skin).convert("RGB")) / 255
    body, size = character.assets.body, texture.shape[0]
    cheek = np.linalg.norm(character.shape - character.joint("eye.L____head") - [0.14, -0.52, 0.1], axis=1).argsort()[:12]
    u, w = body.uvs[body.face_uvs[np.isin(body.faces, cheek)]].T
    colour = texture[((1 - w) * size).astype(int), (u * size).astype(int)].mean(0)
    return colour ** 2.2


def paint(character):
    v, described = character.shape, character.described
    lids = np.maximum(*(near(v, character.joint(f"eye.{s}____head") + [0, 0.02, 0.15], [0.34, 0.26, 0.5]) for s in "LR"))
    nose, mouth = v[297], v[474]
    cheeks = sum(near(v, character.joint(f"eye.{s}____head") + [side * 0.14, -0.52, 0.1], [0.42, 0.36, 0.6]) for s, side in (("L", 1), ("R", -1)))
    blush = np.clip(cheeks + 0.4 * near(v, nose, [0.25, 0.2, 0.3]) + 0.4 * near(v, mouth - [0, 0.42, 0], [0.35, 0.2, 0.4]), 0, 1)
    out = {"lids": lids, "blush": blush}
    if described.get("shirt"):
        collar = character.joint("neck01____head")[1] - 0.42
        edge = collar + 0.35 * np.abs(v[:, 0]) ** 1.5
        # How far below the edge, not a yes or no: the shader cuts it, and the hem is sharper than the mesh is fine.
        out["shirt"] = np.where(v[:, 2] > 0.2, edge - v[:, 1], -1)
    return out
