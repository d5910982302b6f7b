"""A person from parameters: the shape of the body, what is worn, and every vertex of it for a given moment.

Everything worn follows the body through one weighted sum, so whatever moves the face moves brows, lashes, teeth and hair with it.
"""
import json
from pathlib import Path

import numpy as np

import expression
import groom
import posture

PEOPLE = json.loads((Path(__file__).parent / "people.json").read_text())
WORN = ("hair", "eyebrows", "eyelashes", "eyes", "teeth", "tongue", "clothes")


class Character:
    def __init__(self, assets, described):
        self.assets, self.described = assets, described
        self.shape = assets.body.vertices + sum(w * assets.target(n) for n, w in described["targets"].items())
        names = {"eyes": "HighPolyEyes", "teeth": "Teeth_Base", "tongue": "tongue01",
                 "hair": described["hair"][0], "clothes": described["clothes"][0],
                 "eyebrows": described["eyebrows"], "eyelashes": described["eyelashes"]}
        self.worn = {kind: assets.proxy(kind, names[kind], described["iris"] if kind == "eyes" else None) for kind in WORN}
        self._groom(described.get("sweep"))
        self.face = expression.Face(self)
        self.posture = posture.Posture(self)

    def skin_faces(self):
        """Which faces of the body are seen: not the helpers, not what lies under the clothes."""
        covered = self.worn["clothes"].hides
        return self.assets.body_faces() & ~covered[self.assets.body.faces].any(1)

    def _groom(self, sweep):
        """Done once, on the resting head, as a change of the offsets: so the hair still follows the body."""
        if sweep:
            hair = self.worn["hair"]
            joints = {"head": self.joint("head____head"), "eye": self.joint("eye.L____head")}
            rest = hair.fit(self.shape)
            hair.offsets = hair.offsets + groom.sweep(rest, joints, *sweep) - rest

    def joint(self, name):
        return self.assets.joint(name, self.shape)

    def at(self, moment):
        """{piece: [V, 3]} for one moment."""
        body = self.shape + self.face.change(moment)
        pieces = {"body": body} | {kind: proxy.fit(body) for kind, proxy in self.worn.items()}
        self.face.finish(pieces, moment)
        return self.posture.apply(pieces, moment)


def person(assets, who):
    """`who` is a name of people.json, or {"like": name, ...what is different}."""
    changes = {"like": who} if isinstance(who, str) else dict(who)
    name = changes.pop("like", None)
    if name not in PEOPLE:
        raise SystemExit(f"nobody is called {name}; people.json has {', '.join(PEOPLE)}")
    return Character(assets, PEOPLE[name] | changes)
