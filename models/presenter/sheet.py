"""A contact sheet of what render.py made, on the presenter's background.

    python sheet.py OUT.webp PICTURE.png ... [--columns 5] [--width 200]
"""
import argparse
from pathlib import Path

from PIL import Image, ImageDraw

from backdrop import compose


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("out", type=Path)
    parse.add_argument("pictures", type=Path, nargs="+")
    parse.add_argument("--columns", type=int, default=5)
    parse.add_argument("--width", type=int, default=200)
    parse.add_argument("--quality", type=int, default=82)
    args = parse.parse_args()
    tiles = []
    for path in args.pictures:
        picture = compose(Image.open(path))
        tile = picture.resize((args.width, round(args.width * picture.height / picture.width)), Image.LANCZOS)
        ImageDraw.Draw(tile).text((5, 3), path.stem, fill=(255, 255, 255))
        tiles.append(tile)
    rows = -(-len(tiles) // args.columns)
    sheet = Image.new("RGB", (args.columns * args.width, rows * tiles[0].height), (70, 84, 99))
    for at, tile in enumerate(tiles):
        sheet.paste(tile, (at % args.columns * args.width, at // args.columns * tile.height))
    sheet.save(args.out, quality=args.quality)


if __name__ == "__main__":
    main()
