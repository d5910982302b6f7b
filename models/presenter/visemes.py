"""Writes the job of a contact sheet: a person saying every viseme of tinylip, and blinking, looking, turning, smiling.

    python visemes.py PERSON OUT.json [--width 256] [--height 384] [--samples 10] [--mouth]

With --mouth only the lower half of the face, three times as large.
"""
import argparse
import json
from pathlib import Path

VISEMES = Path(__file__).resolve().parents[1] / "tinylip/visemes.json"
SHOWN = "sil PP FF TH DD KK CH SS RR aa ae ee iy oh uw WW".split()
BESIDES = [{"name": "blink", "blink": [1, 1]}, {"name": "gaze", "gaze": [9, 4]}, {"name": "brows", "brows": [0.8, 0]},
           {"name": "turn", "head": [14, -3, 3], "smile": 0.5}]


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("person")
    parse.add_argument("out", type=Path)
    for name, default in (("width", 256), ("height", 384), ("samples", 10)):
        parse.add_argument(f"--{name}", type=int, default=default)
    parse.add_argument("--mouth", action="store_true")
    args = parse.parse_args()
    visemes = json.loads(VISEMES.read_text())["visemes"]
    pictures = [{"name": f"{at:02d}-{name}", "mouth": visemes[name]["target"]} for at, name in enumerate(SHOWN)]
    size = {"width": args.width, "height": args.height}
    if args.mouth:
        w, h = 3 * args.width, 3 * args.height
        size = {"width": w, "height": h, "crop": [round(0.32 * w), round(0.40 * h), round(0.36 * w), round(0.20 * h)]}
    else:
        pictures += [p | {"name": f"{len(SHOWN) + at:02d}-{p['name']}"} for at, p in enumerate(BESIDES)]
    args.out.write_text(json.dumps({"person": args.person, **size, "samples": args.samples, "pictures": pictures}, indent=1) + "\n")


if __name__ == "__main__":
    main()
