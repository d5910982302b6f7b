"""Models beside the truth, on pictures whose truth is known.  `python3 truth_sheet.py OUT FOLDER MODEL.onnx...`

FOLDER is a person as rendered_data.py reads it; its pictures 00-0, -1, ... are shown, eight of them. From the left: the closed twin, the true picture,
the true layers on the net's 96 cells (no net can be better), then the models.
"""
import pathlib
import sys

import cv2
import numpy as np
import onnxruntime
import torch

from avatar_sheet import show
from face_data import FINE, SIZE, placed, placement
from face_train import compose
from rendered_data import load, pair, premultiplied, read
from sheet import label


def cells(picture, flow, alpha, paint):
    """`picture` with its lower half composed from true layers that were made small."""
    small = lambda x: cv2.resize(x[FINE // 2:], (SIZE, SIZE // 2), interpolation=cv2.INTER_AREA)
    tensor = lambda x: torch.from_numpy(np.ascontiguousarray(np.atleast_3d(x).transpose(2, 0, 1)[None])).float()
    out = picture.copy()
    out[FINE // 2:] = compose(tensor(picture), tensor(small(flow)), tensor(small(alpha)), tensor(small(paint)))[0].permute(1, 2, 0).numpy()
    return out


def main(out, folder, *models):
    sessions = [onnxruntime.InferenceSession(m, providers=["CPUExecutionProvider"]) for m in models]
    shots = [s for s in load(folder) if s[0].name.startswith("00-")]
    shots = sorted(shots, key=lambda s: int(s[0].name[3:]))
    rows = []
    for shot in shots[1::max(1, len(shots) // 8)][:8]:
        stem, described, _ = shot
        matrix, wall = placement(described), np.full((FINE, FINE, 3), 0.85, np.float32)
        ref, _, *layers = pair(shot, matrix, wall, lambda picture, **_: picture)
        true = np.clip(placed(premultiplied(read(stem)), matrix), 0, 1)
        columns = [ref, true[..., :3] + (1 - true[..., 3:]) * wall, cells(ref, *layers), *(show(s, ref, described["params"]) for s in sessions)]
        mouth = lambda picture: cv2.resize(picture[100:178, 46:146], None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC)
        rows.append(np.hstack([label(mouth(c), "" if k else stem.name) for k, c in enumerate(columns)]))
    half = len(rows) // 2
    cv2.imwrite(out, np.hstack([np.vstack(rows[:half]), np.vstack(rows[half:2 * half])]), [cv2.IMWRITE_WEBP_QUALITY, 82] if out.endswith(".webp") else [])


if __name__ == "__main__":
    main(*sys.argv[1:])
