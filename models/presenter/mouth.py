"""The mouth as a function of tinylip's six numbers: open, wide, up, tuck, teeth, tongue.

Each number is a sum of MakeHuman's expression units and of changes of our own where the units fall short: a lower lip that goes
under the teeth, lips that meet, lips that round over the teeth, a tongue that rises.
"""
import numpy as np

from lips import Lips
from posture import smoothstep

UP, FRONT = np.array([0, 1, 0]), np.array([0, 0, 1])


class Mouth:
    JAW = 0.72                       # of MakeHuman's `mouth-open`, which is a yawn

    def __init__(self, character, unit):
        shape = character.shape
        self.unit = {name: unit(f"mouth-{name}") for name in (
            "open", "compression", "corner-puller", "retraction", "parling", "pursing", "protusion")}
        self.lips = Lips(character.assets.body, shape, self.unit["parling"], self.unit["open"])
        self.middle = np.exp(-(shape[:, :1] / (0.6 * self.lips.half)) ** 2)
        self.front = np.exp(-(shape[:, :1] / (0.75 * self.lips.half)) ** 4)
        self.corners = smoothstep(np.abs(shape[:, :1]) / self.lips.half, 0.1, 0.5)
        rows = character.worn["teeth"].fit(shape)
        # The mesh has both rows; what follows a dropping jaw is the lower.
        dropped = character.worn["teeth"].fit(shape + self.unit["open"]) - rows
        self.lower_row = smoothstep(-dropped[:, 1], 0.05, 0.1)[:, None]
        tongue = character.worn["tongue"].fit(shape)
        self.tip = smoothstep(tongue[:, 2], tongue[:, 2].min() + 0.1, tongue[:, 2].max())[:, None]

    @staticmethod
    def sizes(numbers):
        """Split the signed numbers; keep them in their ranges."""
        opened, wide, up, tuck, teeth, tongue = np.clip(np.asarray(numbers, float), [0, -1, 0, -1, 0, 0], 1)
        return opened, np.maximum(wide, 0), np.maximum(-wide, 0), up, np.maximum(tuck, 0), np.maximum(-tuck, 0), teeth, tongue

    def _jaw(self, opened, pucker):
        return self.JAW * opened * (1 - 0.25 * pucker)

    def change(self, numbers, smile):
        """[V, 3]"""
        opened, spread, pucker, up, bite, press, teeth, _ = self.sizes(numbers)
        u, upper, lower = self.unit, self.lips.upper, self.lips.lower
        out = self._jaw(opened, pucker) * u["open"]
        out = out + smile * (1 - 0.8 * pucker) * (1 - 0.4 * opened) * (1 - 0.35 * press) * u["corner-puller"]
        out = out + spread * (0.7 * u["retraction"] + 0.1 * u["corner-puller"])
        out = out + pucker * (0.9 * u["pursing"] + 0.1 * u["protusion"])
        out = out + (up * (1 - 0.6 * pucker) * 0.05 + teeth * 0.02) * upper * (UP + 0.1 * FRONT)
        out = out - teeth * (1 - bite) * (1 - 0.3 * pucker) * 0.032 * lower * UP
        # A round mouth closes from its corners, and its upper lip comes down over the teeth.
        out = self.lips.rounded(out, 0.95 * min(1.0, 1.35 * pucker))
        out = out + pucker * (upper * 0.03 * (FRONT - UP) + lower * (0.015 * UP + 0.035 * FRONT))
        out = out + pucker * (0.5 + opened) * 0.03 * self.middle * (upper - 0.4 * lower) * UP
        out = out + press * (0.15 * u["compression"] + self.front * (-upper * (0.025 * UP + 0.035 * FRONT) + lower * (0.025 * UP - 0.040 * FRONT)))
        out = out + bite * self.front * (lower * (0.055 * UP - 0.055 * FRONT) + upper * (0.042 * UP + 0.015 * FRONT))
        # Beside the teeth that bite, the lips touch: else a thin dark line runs to each corner.
        out = self.lips.closed(out, lambda t, _: bite * smoothstep(t, 0.3, 0.68))
        # At rest the lips of the mesh leave a crease towards the corners that renders black.
        return out + self.corners * (lower * 0.013 - upper * 0.007) * UP

    def finish(self, pieces, numbers):
        """Teeth and tongue, after they followed the skin."""
        opened, spread, pucker, up, bite, press, teeth, tongue = self.sizes(numbers)
        low, high, tip = self.lower_row, 1 - self.lower_row, self.tip
        # As the mesh has them both rows lie too high: an open mouth would show the lower one alone.
        pieces["teeth"] -= (high * 0.062 + low * 0.055) * UP
        # Behind lips that are pursed and show no teeth there is room for them, and so there is for a lip under the upper row.
        pieces["teeth"] += pucker * (1 - teeth) * ((high - low) * 0.065 * UP - 0.12 * FRONT)
        pieces["teeth"] += teeth * low * (0.05 * UP + 0.03 * FRONT)
        pieces["teeth"] -= bite * low * 0.06 * (UP + FRONT)
        jaw = self._jaw(opened, pucker)
        pieces["tongue"] -= 0.05 * UP + jaw * (0.25 + 0.75 * tip) * (0.25 * UP + 0.15 * FRONT)
        pieces["tongue"] += tip * (tongue * (0.11 * UP + 0.04 * FRONT) + tongue ** 6 * (0.11 * FRONT - 0.055 * UP))
