"""Arms, neck and chest: the rotations, which are no sums and therefore come after everything fitted to the body."""
import numpy as np


def rotation(yaw, pitch, roll):
    """Degrees -> 3x3: turned about y, then nodded about x, then tilted about z."""
    (cy, cp, cr), (sy, sp, sr) = [f(np.radians([yaw, pitch, roll])) for f in (np.cos, np.sin)]
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_x = np.array([[1, 0, 0], [0, cp, -sp], [0, sp, cp]])
    about_z = np.array([[cr, -sr, 0], [sr, cr, 0], [0, 0, 1]])
    return about_y @ about_x @ about_z


def smoothstep(x, low, high):
    t = np.clip((x - low) / (high - low), 0, 1)
    return t * t * (3 - 2 * t)


class Posture:
    ARM = 38                         # degrees from MakeHuman's spread arms to hanging ones
    SHOULDER = 9

    def __init__(self, character):
        self.character = character
        assets = character.assets
        self.weights = {}            # piece -> {bones: [V]}
        for side in "LR":
            for name, bones in (("shoulder", f"clavicle.{side}"), ("arm", f"upperarm01.{side}")):
                body = assets.skin_weight(bones)
                self.weights[name + side] = {"body": body} | {
                    kind: np.einsum("vi,vi->v", p.weights, body[p.refs]) for kind, p in character.worn.items() if kind == "clothes"}
        self.joints = {n: character.joint(f"{n}____head") for n in
                       ("clavicle.L", "clavicle.R", "upperarm01.L", "upperarm01.R", "neck01", "neck03", "head", "spine01")}

    def apply(self, pieces, moment):
        for kind in ("body", "clothes"):
            pieces[kind] = self._arms(pieces[kind], kind)
        return {kind: self._torso(self._head(v, moment), moment) for kind, v in pieces.items()}

    def _arms(self, v, kind):
        for side, sign in (("L", -1), ("R", 1)):
            for name, bone, angle in (("arm", "upperarm01", self.ARM), ("shoulder", "clavicle", self.SHOULDER)):
                joint, weight = self.joints[f"{bone}.{side}"], self.weights[name + side][kind]
                v = self._turn(v, joint, weight, lambda part: rotation(0, 0, sign * angle * part))
        return v

    def _head(self, v, moment):
        """Half of a movement is the neck's, spread from the collar to the jaw; a pulled-back tail of hair hangs from the head."""
        yaw, pitch, roll = moment.head[0], -moment.head[1], -moment.head[2]
        if yaw == pitch == roll == 0:
            return v
        low, high = self.joints["neck01"], self.joints["head"]
        # The throat starts lower in front than the nape does behind: measured along the neck, which leans forward.
        height = v[:, 1] - 0.25 * (v[:, 2] - low[2])
        part = smoothstep(height, low[1] - 0.3, high[1] - 0.1)
        pivot = (self.joints["neck03"] + high) / 2
        return self._turn(v, pivot, part, lambda p: rotation(yaw * p, pitch * p, roll * p))

    def _torso(self, v, moment):
        chest = self.joints["spine01"]
        # A breath lifts the shoulders by a few millimetres and the chest forward; the head rides on it.
        swell = np.exp(-((v[:, 1] - chest[1]) / 1.1) ** 2) * smoothstep(v[:, 2], -0.5, 1.5)
        v = v.copy()
        v[:, 1] += moment.breath * 0.035 * smoothstep(v[:, 1], chest[1] - 2, chest[1] + 1)
        v[:, 2] += moment.breath * 0.06 * swell
        sway = smoothstep(v[:, 1], chest[1] - 3, self.joints["head"][1])
        v[:, 0] += moment.shift[0] * sway
        v[:, 1] += moment.shift[1] * sway
        return v

    @staticmethod
    def _turn(v, pivot, weight, matrix):
        """Rotate each vertex by its share of the angle. Shares come in 1/128 steps: one matrix each, and no step is seen."""
        steps = np.round(weight * 128).astype(int)
        out = v.copy()
        for step in np.unique(steps):
            if step:
                at = steps == step
                out[at] = (v[at] - pivot) @ matrix(step / 128).T + pivot
        return out
