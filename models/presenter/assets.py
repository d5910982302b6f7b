"""MakeHuman's core assets as arrays: the base body, its shape targets and the things fitted to it.

Units are decimetres, y up, z towards the viewer; the person's left is +x. Faces are quads.
Only core assets have names here, because only they were released as CC0 (see README).
"""
import json
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np

PROXIES = {
    "hair": ("short01", "short02", "short03", "short04", "bob01", "bob02", "long01", "ponytail01", "Braid01", "afro01"),
    "eyebrows": tuple(f"eyebrow{n:03d}" for n in range(1, 13)),
    "eyelashes": ("Eyelashes01", "eyelashes02", "eyelashes03", "eyelashes04"),
    "eyes": ("HighPolyEyes",),
    "teeth": ("Teeth_Base",),
    "tongue": ("tongue01",),
    "clothes": ("female_casualsuit01", "female_casualsuit02", "female_elegantsuit01", "female_sportsuit01", "male_casualsuit01",
                "male_casualsuit02", "male_casualsuit03", "male_elegantsuit01", "male_worksuit01"),
}
SKINS = tuple(f"{age}_{origin}_{sex}" for age in ("young", "middleage", "old")
              for origin in ("caucasian", "asian", "african") for sex in ("female", "male"))


@dataclass
class Mesh:
    vertices: np.ndarray             # [V, 3]
    faces: np.ndarray                # [F, 4] vertex numbers
    uvs: np.ndarray                  # [U, 2]
    face_uvs: np.ndarray             # [F, 4] numbers into uvs
    group: np.ndarray                # [F] material number

    @classmethod
    def of(cls, described):
        # One quad is 10 numbers: kind, 4 vertices, material, 4 texture points. Kind 11 says exactly that.
        quads = np.array(described["faces"], np.int32).reshape(-1, 10)
        if not (quads[:, 0] == 11).all():
            raise ValueError("expected a mesh of textured quads")
        return cls(np.array(described["vertices"]).reshape(-1, 3), quads[:, 1:5],
                   np.array(described["uvs"][0]).reshape(-1, 2), quads[:, 6:10], quads[:, 5])


@dataclass
class Proxy:
    """A thing worn by the body: each of its vertices is a weighted sum of three of the body's, plus an offset."""
    name: str
    mesh: Mesh
    texture: Path
    refs: np.ndarray                 # [V, 3]
    weights: np.ndarray              # [V, 3]
    offsets: np.ndarray              # [V, 3]
    hides: np.ndarray                # [body vertices], True where the body is covered

    def fit(self, body):
        return np.einsum("vi,vid->vd", self.weights, body[self.refs]) + self.offsets


class Assets:
    def __init__(self, folder):
        self.folder = Path(folder)
        if not (self.folder / "package.json").exists():
            raise SystemExit(f"no MakeHuman assets in {self.folder}; run sh models/presenter/fetch.sh")

    @cached_property
    def _base(self):
        return self._json("public/data/models/human_full_size.json")

    @cached_property
    def body(self):
        return Mesh.of(self._base)

    def body_faces(self, group="body"):
        """Which faces of the base are skin; the others are helpers that only fitted things refer to."""
        names = [m["DbgName"] for m in self._base["materials"]]
        return self.body.group == names.index(group)

    def joint(self, name, vertices):
        """Where a joint of the skeleton lies in a body of this shape."""
        return vertices[self._base["metadata"]["joint_pos_idxs"][name]].mean(0)

    def skin_weight(self, *bones):
        """[V] how much each vertex follows these bones and what hangs from them."""
        described = self._base["bones"]
        chosen = set()
        for index, bone in enumerate(described):     # parents come first
            if bone["name"] in bones or bone["parent"] in chosen:
                chosen.add(index)
        index = np.array(self._base["skinIndices"]).reshape(-1, 4)
        weight = np.array(self._base["skinWeights"]).reshape(-1, 4)
        return (weight * np.isin(index, list(chosen))).sum(1) / weight.sum(1)

    @cached_property
    def _target_rows(self):
        names = sorted(self._json("src/json/targets/target-list.json")["targets"])
        return {name.removeprefix("data/targets/").removesuffix(".target"): row for row, name in enumerate(names)}

    @cached_property
    def _targets(self):
        size = self.body.vertices.size
        return np.memmap(self.folder / "public/data/targets/targets.bin", np.int16, "r").reshape(-1, size)

    def target(self, name):
        """[V, 3] the change that this target makes at full strength."""
        if name not in self._target_rows:
            raise KeyError(f"no target {name}; those with similar names: "
                           f"{[n for n in self._target_rows if name.split('/')[-1][:8] in n][:8]}")
        return self._targets[self._target_rows[name]].reshape(-1, 3) * 1e-3

    def proxy(self, kind, name, texture=None):
        if name not in PROXIES[kind]:
            raise KeyError(f"{kind} {name} is not a core asset; expected one of {', '.join(PROXIES[kind])}")
        folder = self.folder / "public/data/proxies" / kind / name
        described = self._json(folder / f"{name}.json")
        hides = np.zeros(len(self.body.vertices), bool)
        flags = np.array(described["metadata"].get("deleteVerts", []), bool)
        hides[:len(flags)] = flags
        picture = folder / "textures" / texture if texture else folder / described["materials"][0]["mapDiffuse"]
        return Proxy(kind, Mesh.of(described), picture, np.array(described["ref_vIdxs"]), np.array(described["weights"]),
                     np.array(described["offsets"]), hides)

    def skin(self, name, picture=None):
        if name not in SKINS:
            raise KeyError(f"skin {name} is not a core asset; expected one of {', '.join(SKINS)}")
        folder = self.folder / "public/data/skins" / name
        return folder / "textures" / picture if picture else folder / self._json(folder / f"{name}.json")["mapDiffuse"]

    def _json(self, path):
        return json.loads((self.folder / path).read_text())
