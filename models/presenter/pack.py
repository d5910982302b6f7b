"""Frames as they go into the repository: WebP with alpha, so that any background can go behind.

    python pack.py FOLDER OUT [--quality 88]     every NAME.png of a folder becomes OUT/NAME.webp; NAME.json goes along
"""
import argparse
import shutil
from pathlib import Path

from PIL import Image

LIMIT = 6e6                           # bytes of pictures that one avatar may take


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("folder", type=Path)
    parse.add_argument("out", type=Path)
    parse.add_argument("--quality", type=int, default=88)
    args = parse.parse_args()
    args.out.mkdir(parents=True, exist_ok=True)
    total = 0
    for path in sorted(args.folder.glob("*.png")):
        to = args.out / f"{path.stem}.webp"
        with Image.open(path) as picture:
            picture.save(to, quality=args.quality, alpha_quality=80, method=6)
        if (described := path.with_suffix(".json")).exists():
            shutil.copy(described, args.out)
        total += to.stat().st_size
    print(f"{args.out}: {total / 1e6:.2f} MB")
    if total > LIMIT:
        raise SystemExit(f"more than {LIMIT / 1e6:.0f} MB: ask for less --quality")


if __name__ == "__main__":
    main()
