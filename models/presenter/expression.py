"""The face: lids, brows, gaze, smile. The mouth is mouth.py's."""
import framing
import mouth
from posture import rotation

UNIT = "expression/units/caucasian/"
SIDES = ("left", "right")


class Face:
    def __init__(self, character):
        assets = character.assets
        self.character = character
        self.unit = lambda name: assets.target(UNIT + name)
        both = lambda name: sum(self.unit(name.format(side)) for side in SIDES)
        self.mouth = mouth.Mouth(character, self.unit)
        self.shut = [self.unit(f"eye-{side}-closure") for side in SIDES]
        self.wide, self.squint = both("eye-{}-opened-up"), both("eye-{}-slit")
        # `eyebrows-up` alone arches the outer ends into surprise; the inner ones belong to a raised brow, too.
        self.raised = 0.7 * both("eyebrows-{}-up") + 0.6 * both("eyebrows-{}-inner-up")
        self.knit = both("eyebrows-{}-down")
        self.eyes = {side: character.joint(f"eye.{side}____head") for side in "LR"}
        self.at_viewer = {side: framing.at_viewer(eye, character.joint("jaw____tail")) for side, eye in self.eyes.items()}

    def change(self, moment):
        """[V, 3] what the face does to the body's vertices."""
        smile = self.character.described["smile"] + moment.smile
        raised, knit = moment.brows
        up = moment.gaze[1] + self.at_viewer["L"][1]
        out = self.mouth.change(moment.mouth, smile) + raised * self.raised + knit * self.knit
        out = out + 0.25 * max(smile, 0) * self.squint                   # a smile that reaches the eyes
        out = out + max(up, 0) / 30 * self.wide                          # lids go where the eye looks
        for shut, blink in zip(self.shut, moment.blink):
            out = out + min(1, blink + max(-up, 0) / 45) * shut
        return out

    def finish(self, pieces, moment):
        """What does not follow the skin: eyeballs turn, teeth and tongue have their own ways."""
        self.mouth.finish(pieces, moment.mouth)
        eyes = pieces["eyes"]
        for side, sign in (("L", 1), ("R", -1)):
            yaw, pitch = self.at_viewer[side]
            turn = rotation(yaw + moment.gaze[0], -pitch - moment.gaze[1], 0)
            at = eyes[:, 0] * sign > 0
            eyes[at] = (eyes[at] - self.eyes[side]) @ turn.T + self.eyes[side]
