"""Looks at what can be counted without rendering: do mouths show what their numbers say, does the loop close.

    python check.py [--assets DIR]
"""
import argparse
import json
from pathlib import Path

import numpy as np

import character
import idle
import raster
import truth
from assets import Assets
from moment import Moment

HOME = Path(__file__).resolve().parents[2] / ".training"
VISEMES = json.loads((Path(__file__).resolve().parents[1] / "tinylip/visemes.json").read_text())["visemes"]
RESTS = 12                             # pictures in which a living head has moved
SIZE, TEETH, TONGUE = 256, truth.SOLID.index("teeth"), truth.SOLID.index("tongue")


def shares(person, camera, mouth):
    """Of the pixels around the mouth, per thousand: teeth, tongue, inside of any kind."""
    def geometry(numbers):
        at = person.at(Moment(mouth=numbers))
        quads = {"body": person.assets.body.faces[person.skin_faces()]} | {k: p.mesh.faces for k, p in person.worn.items()}
        return truth.Geometry({k: (at[k], quads[k]) for k in truth.SOLID}, camera)
    _, hidden, piece = truth.compare(geometry(mouth), geometry([0] * 6))
    return tuple(1000 * float(mask.mean()) for mask in (piece == TEETH, piece == TONGUE, hidden | (piece == TEETH) | (piece == TONGUE)))


def check_mouths(person, name):
    eyes, chin = person.joint("eye.L____head"), person.joint("jaw____tail")
    camera = raster.Camera(chin[1] + 0.37 * (eyes[1] - chin[1]), eyes[2], 17, 0.9, (SIZE, SIZE))
    seen = {viseme: shares(person, camera, VISEMES[viseme]["target"]) for viseme in ("sil", "PP", "FF", "TH", "SS", "aa", "iy", "uw", "WW")}
    for viseme, (teeth, tongue, inside) in seen.items():
        print(f"{name} {viseme:3} teeth {teeth:5.1f}  tongue {tongue:5.1f}  inside {inside:6.1f}")
    teeth, tongue, inside = ({v: s[i] for v, s in seen.items()} for i in range(3))
    assert max(inside["sil"], inside["PP"]) < 1, "a closed mouth shows nothing of its inside"
    assert max(teeth["uw"], teeth["WW"]) < 1 < inside["uw"], "a rounded mouth is a dark hole without teeth"
    assert 0 < inside["FF"] < 12 and teeth["FF"] > 0.2, "F shows an edge of the upper teeth over the lower lip and little else"
    assert teeth["SS"] > 20 and tongue["SS"] < 3, "S shows teeth and no tongue"
    assert tongue["TH"] > 10, "TH shows the tongue"
    assert inside["aa"] > 1.8 * inside["iy"] and teeth["aa"] > 5, "AA is the widest and shows the upper teeth"


def check_loop(path):
    pictures = json.loads(path.read_text())["pictures"]
    rows = np.array([np.concatenate([np.ravel(p[k]) for k in sorted(p) if k != "name"]) for p in pictures])
    around = np.abs(np.diff(np.concatenate([rows, rows[:1]]), axis=0))
    still = np.abs(rows[1] - rows[0]).max(), np.abs(rows[-1] - rows[0]).max()
    print(f"{path.name}: {len(rows)} pictures, first and last step {still[0]:.3f} {still[1]:.3f}, largest {around.max():.3f}")
    assert max(still) < 0.06, f"{path.name} begins or ends in motion"
    head = np.array([p["head"] for p in pictures])
    moved = np.abs(np.roll(head, -RESTS, 0) - head).max(1).min()
    shut = np.array([p["blink"][0] for p in pictures]) > 0
    begins = (shut & ~np.roll(shut, 1)).nonzero()[0] / json.loads(path.read_text())["fps"]
    apart = np.diff(begins)
    print(f"{path.name}: at least {moved:.3f} degrees in {RESTS} pictures, blinks at {', '.join(f'{at:.2f}' for at in begins)} s")
    assert moved > 0.03, f"{path.name} is still somewhere"
    assert idle.APART[0] - 0.05 < apart.min() and apart.max() < idle.APART[1] and np.ptp(apart) > 0.2, f"{path.name} blinks like a machine"


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("--assets", type=Path, default=HOME / "makehuman")
    assets = Assets(parse.parse_args().assets)
    for name in character.PEOPLE:
        check_mouths(character.person(assets, name), name)
    for path in sorted((Path(__file__).parent / "jobs").glob("*.json")):
        check_loop(path)


if __name__ == "__main__":
    main()
