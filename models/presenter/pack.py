"""An avatar's folder from the frames of an idle loop: WebP with alpha, so that any background can go behind, and avatar.yaml.

    python pack.py FOLDER OUT --name Ava [--fps 25] [--quality 88] [--background '#d9dee4'] [--framing '0, 24, 512, 512']

Every NAME.png of FOLDER becomes OUT/frames/NAME.webp; the boxes that a lip-sync model gets come from the NAME.json beside them.
"""
import argparse
import json
from pathlib import Path

from PIL import Image

LIMIT = 6e6                           # bytes of pictures that one avatar may take


YAML = """# Eight seconds of a listener: breathing, blinking, glancing away. The mouth stays closed.
# Made by models/presenter/film.py and pack.py.
name: {name}
licence: Apache-2.0
origin: rendered by talkgraph from a handful of numbers and MakeHuman's core assets (CC0 1.0), after no real person
width: {width}
height: {height}
framerate: {fps}/1
frames: {frames}
files: frames/%03d.webp
loop: {loop}
background: "{background}"
framings: [[{framing}]]
boxes:
"""


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("folder", type=Path)
    parse.add_argument("out", type=Path)
    parse.add_argument("--name", required=True)
    parse.add_argument("--fps", type=int, default=25)
    parse.add_argument("--loop", choices=("forward", "there-and-back"), default="forward")
    parse.add_argument("--quality", type=int, default=88)
    parse.add_argument("--background", default="#d9dee4", help="behind the person when nobody asks for another")
    parse.add_argument("--framing", default="0, 24, 512, 512", help="the window of the picture that a square shows: x, y, width, height")
    args = parse.parse_args()
    (args.out / "frames").mkdir(parents=True, exist_ok=True)
    total, boxes, paths = 0, [], sorted(p for p in args.folder.glob("*.png") if not p.name.endswith(".part.png"))
    for path in paths:
        to = args.out / "frames" / f"{path.stem}.webp"
        with Image.open(path) as picture:
            size = picture.size
            picture.save(to, quality=args.quality, alpha_quality=80, method=6)
        box = json.loads(path.with_suffix(".json").read_text())["box"]
        boxes.append("  - [" + ", ".join(f"{box[side]:g}" for side in "xywh") + "]")
        total += to.stat().st_size
    head = YAML.format(name=args.name, width=size[0], height=size[1], fps=args.fps, frames=len(paths), loop=args.loop, background=args.background,
                       framing=args.framing)
    (args.out / "avatar.yaml").write_text(head + "\n".join(boxes) + "\n")
    print(f"{args.out}: {len(paths)} frames, {total / 1e6:.2f} MB")
    if total > LIMIT:
        raise SystemExit(f"more than {LIMIT / 1e6:.0f} MB: ask for less --quality")


if __name__ == "__main__":
    main()
