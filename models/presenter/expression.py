"""The face but for the mouth: lids, brows, gaze, smile. The mouth is mouth.py's."""
import numpy as np

import mouth
from posture import rotation

UNIT = "expression/units/caucasian/"


class Face:
    def __init__(self, character):
        assets = character.assets
        self.character = character
        self.unit = lambda name: assets.target(UNIT + name)
        self.mouth = mouth.Mouth(character, self.unit)
        self.lids = [self.unit(f"eye-{side}-closure") for side in ("left", "right")]
        self.slit = [self.unit(f"eye-{side}-slit") for side in ("left", "right")]
        self.raised = sum(self.unit(f"eyebrows-{side}-up") for side in ("left", "right"))
        self.knit = sum(self.unit(f"eyebrows-{side}-down") for side in ("left", "right"))
        self.smiling = self.unit("mouth-corner-puller")
        self.eyes = {side: character.joint(f"eye.{side}____head") for side in "LR"}

    def change(self, moment):
        """[V, 3] what the face does to the body's vertices."""
        smile = self.character.described["smile"] + moment.smile
        raised, knit = moment.brows
        out = self.mouth.change(moment.mouth, smile) + raised * self.raised + knit * self.knit
        for side, blink in enumerate(moment.blink):
            out = out + blink * self.lids[side]
        return out

    def finish(self, pieces, moment):
        """What does not follow the skin: eyeballs turn, the tongue has its own will."""
        self.mouth.finish(pieces, moment.mouth)
        eyes = pieces["eyes"]
        turn = rotation(moment.gaze[0], -moment.gaze[1], 0)
        for side, sign in (("L", 1), ("R", -1)):
            at = eyes[:, 0] * sign > 0
            eyes[at] = (eyes[at] - self.eyes[side]) @ turn.T + self.eyes[side]
