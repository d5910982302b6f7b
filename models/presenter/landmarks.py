"""Named points of a face: vertices of the base mesh, the same for every person because the mesh is."""
import numpy as np

# On the face's middle line, from looking at it.
MIDDLE = {"upper outer": 467, "lower outer": 492, "nose tip": 297, "nose base": 343, "chin": 5296}


class Landmarks:
    def __init__(self, character):
        rest, seam = character.assets.body.vertices, character.face.mouth.lips.seam
        # The seam runs inwards too; its outermost line is what is seen. One pair for each twentieth of the mouth.
        x, depth = rest[seam].mean(1)[:, 0], rest[seam][:, :, 2].min(1)
        bins = np.round(x / np.abs(x).max() * 10)
        line = [at[depth[at].argmax()] for b in np.unique(bins) if len(at := (bins == b).nonzero()[0]) and b != 0]
        line.append(int(np.where(np.abs(x) < 0.01, depth, -1).argmax()))
        self.seam = seam[sorted(line, key=lambda i: x[i])]

    def of(self, body, eyes):
        """{name: [N, 3]} for the body's vertices and the eyeballs' at one moment."""
        points = {name: body[[vertex]] for name, vertex in MIDDLE.items()}
        points["upper inner"], points["lower inner"] = body[self.seam[:, 0]], body[self.seam[:, 1]]
        left = eyes[:, 0] > eyes[:, 0].mean()
        points["left eye"], points["right eye"] = eyes[left].mean(0, keepdims=True), eyes[~left].mean(0, keepdims=True)
        return points
