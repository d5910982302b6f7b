"""Writes jobs for training: people from seeds, each under a light of their own, each saying things in several poses.

    python crowd.py OUT [--people 40] [--poses 12] [--mouths 5] [--seed 1] [--height 768] [--samples 6] [--who ava]

One job for each person; with --who only one, for somebody of people.json in the light of the studio. A pose is one closed picture, NAME-closed, and pictures of the same moment with open mouths: what a net needs that
moves one picture into the others. Render with --truth.
"""
import argparse
import json
from pathlib import Path

import numpy as np

from assets import PROXIES

VISEMES = Path(__file__).resolve().parents[1] / "tinylip/visemes.json"
# (target that is more, its opposite, how far people differ, where they do from). {} is both sides: faces are even.
DIFFER = [("mouth/mouth-scale-horiz-incr", "mouth/mouth-scale-horiz-decr", 0.4), ("mouth/mouth-upperlip-volume-inflate", "mouth/mouth-upperlip-volume-deflate", 0.5),
          ("mouth/mouth-lowerlip-volume-inflate", "mouth/mouth-lowerlip-volume-deflate", 0.5), ("mouth/mouth-lowerlip-height-max", "mouth/mouth-lowerlip-height-min", 0.4),
          ("mouth/mouth-angles-up", "mouth/mouth-angles-down", 0.3), ("mouth/mouth-trans-up", "mouth/mouth-trans-down", 0.3),
          ("chin/chin-width-max", "chin/chin-width-min", 0.5), ("chin/chin-height-max", "chin/chin-height-min", 0.4), ("chin/chin-prominent-more", "chin/chin-prominent-less", 0.4),
          ("nose/nose-scale-horiz-incr", "nose/nose-scale-horiz-decr", 0.5), ("nose/nose-scale-vert-incr", "nose/nose-scale-vert-decr", 0.4),
          ("nose/nose-scale-depth-incr", "nose/nose-scale-depth-decr", 0.4), ("head/head-fat", "head/head-skinny", 0.4), ("head/head-oval", "head/head-square", 0.4),
          ("cheek/{}-cheek-volume-inflate", "cheek/{}-cheek-volume-deflate", 0.3), ("eyebrows/eyebrows-trans-vert-more", "eyebrows/eyebrows-trans-vert-less", 0.25, 0.35),
          ("eyebrows/eyebrows-angle-up", "eyebrows/eyebrows-angle-down", 0.25, 0.5),          # MakeHuman's neutral looks stern
          ("eyes/{}-eye-height2-max", "eyes/{}-eye-height2-min", 0.2, 0.3)]
HAIR = {"female": ("bob02", "ponytail01", "long01", "Braid01", "short01"), "male": ("short01", "short02", "short04")}
# What makes the middle of each texture a middling brightness.
GAIN = {"bob02": 1.0, "ponytail01": 6.6, "long01": 18, "Braid01": 40, "short01": 30, "short02": 6.5, "short04": 20}
CLOTHES = {sex: tuple(n for n in PROXIES["clothes"] if n.startswith(sex)) for sex in HAIR}
FRIENDLY = (1, 2, 8, 9, 12)      # brows that do not rise outwards
ORIGINS = ("caucasian", "asian", "african")
IRIS = ("brown", "brownlight", "blue", "green", "grey", "bluegreen")


def someone(rng, number):
    """Sexes, ages and origins take turns, so that few people are as different as many; the rest is chance."""
    sex, age = ("female", "male")[number % 2], ("young", "middleage", "young", "old")[number // 6 % 4]
    likest = ORIGINS[number // 2 % 3]
    origin = dict(zip(ORIGINS, rng.dirichlet([2.5 if o == likest else 0.4 for o in ORIGINS])))
    # Young and old are the ends that MakeHuman knows; in between is between.
    old = {"young": 0.0, "middleage": rng.uniform(0.2, 0.5), "old": rng.uniform(0.6, 0.9)}[age]
    targets = {}
    for name, share in (("young", 1 - old), ("old", old)):
        if share:
            targets |= {f"macrodetails/{o}-{sex}-{name}": round(w * share, 3) for o, w in origin.items()}
            targets[f"macrodetails/universal-{sex}-{name}-averagemuscle-averageweight"] = round(share, 3)
    for more, less, size, *middle in DIFFER:
        by = float(np.clip(rng.normal(*middle or [0], size), -1, 1))
        targets |= {(more if by > 0 else less).format(side): round(abs(by), 3) for side in "lr"}
    targets["eyebrows/eyebrows-angle-down"] = targets.get("eyebrows/eyebrows-angle-down", 0) - 0.35       # less than nothing: inner ends up
    hair, dark = str(rng.choice(HAIR[sex])), rng.uniform(0.02, 1) ** 2
    base = np.array([0.30, 0.16, 0.08]) * dark + np.array([0.02, 0.014, 0.01])
    stops = [[0, (base * 0.15).round(4).tolist()], [0.5, (base * 0.45).round(4).tolist()], [1, base.round(4).tolist()]]
    return {"like": "ava" if sex == "female" else "max", "targets": targets, "skin": [f"{age}_{likest}_{sex}", None],
              "hair": [hair, GAIN[hair], stops, 0.08 if hair.startswith("short") else 0.2], "iris": f"{rng.choice(IRIS)}_eye.png", "smile": round(rng.uniform(0, 0.35), 3),
              "eyebrows": f"eyebrow{rng.choice(FRIENDLY):03d}", "sweep": [-1, 0.5] if hair == "bob02" else None,
              "clothes": [str(rng.choice(CLOTHES[sex])), rng.uniform(0.01, 0.3, 3).round(3).tolist()]}


def light(rng):
    warm = rng.normal(0, 0.06)
    return {"key": round(float(np.exp(rng.normal(-0.1, 0.25))), 3), "fill": round(float(np.exp(rng.normal(0.2, 0.6))), 3),
            "rim": round(float(rng.uniform(0, 1.5)), 3), "room": round(float(np.exp(rng.normal(0.3, 0.5))), 3),
            "tint": [round(1 + warm, 3), 1, round(1 - warm, 3)], "turn": round(float(rng.uniform(-20, 100)), 1)}


def mouth(rng, visemes):
    """A viseme, or something between two, stronger or weaker, with a little of everything: not only what the phonemes ask for."""
    a, b = (np.array(visemes[k]["target"]) for k in rng.choice(list(visemes), 2))
    mixed = (a + (b - a) * rng.choice([0, rng.random()])) * rng.uniform(0.5, 1.15) + rng.normal(0, 0.06, 6) * (rng.random(6) < 0.5)
    return np.clip(mixed, [0, -1, 0, -1, 0, 0], 1).round(3).tolist()


def pictures(rng, visemes, poses, mouths):
    for pose in range(poses):
        moment = {"head": rng.normal(0, [6, 3.5, 3]).clip(-15, 15).round(2).tolist(), "gaze": rng.normal(0, [4, 2]).round(2).tolist(),
                  "smile": round(float(rng.normal(0, 0.1)), 3), "brows": [round(float(rng.uniform(0, 0.5)), 3), 0],
                  "blink": [round(float(rng.choice([0, 0, 0, rng.random()])), 3)] * 2}
        yield {"name": f"{pose:02d}-closed", **moment}
        for at in range(mouths):
            yield {"name": f"{pose:02d}-{at}", "mouth": mouth(rng, visemes), **moment}


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("out", type=Path)
    for name, default in (("people", 40), ("poses", 12), ("mouths", 5), ("seed", 1), ("height", 768), ("samples", 6)):
        parse.add_argument(f"--{name}", type=int, default=default)
    parse.add_argument("--who")
    args = parse.parse_args()
    visemes = json.loads(VISEMES.read_text())["visemes"]
    args.out.mkdir(parents=True, exist_ok=True)
    if args.who:
        write(args, np.random.default_rng([args.seed, *args.who.encode()]), visemes, args.who, {"person": args.who})
        return
    for number in range(args.people):
        rng = np.random.default_rng([args.seed, number])          # each person by itself: asking for more changes no one
        write(args, rng, visemes, f"{number:03d}", {"person": someone(rng, number), "light": light(rng)})


def write(args, rng, visemes, name, who):
    job = {**who, "width": args.height * 2 // 3, "height": args.height, "samples": args.samples,
           "crop": "face", "pictures": list(pictures(rng, visemes, args.poses, args.mouths))}
    (args.out / f"{name}.json").write_text(json.dumps(job, indent=1) + "\n")


if __name__ == "__main__":
    main()
