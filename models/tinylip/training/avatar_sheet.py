"""Visemes on an avatar's own frame, at its own size, as the product composes them.

python3 avatar_sheet.py OUT AVATAR MODEL.onnx...     AVATAR = a folder with avatar.yaml; several models lie below each other
"""
import pathlib
import sys

import cv2
import numpy as np
import onnxruntime
import yaml

from sheet import fine, label, packed
from visemes import TABLE

NAMES = ["sil", "PP", "FF", "TH", "DD", "KK", "CH", "SS", "RR", "LL", "aa", "ae", "ee", "iy", "ao", "oh", "uw", "WW"]


def face(folder, frame=0):
    """What the model is shown of one frame, float32 BGR [n, n, 3], n even."""
    folder = pathlib.Path(folder)
    manifest = yaml.safe_load((folder / "avatar.yaml").read_text())
    picture = cv2.imread(str(folder / (manifest["files"] % frame)), cv2.IMREAD_UNCHANGED).astype(np.float32) / 255
    if picture.shape[2] == 4:
        behind = [int(manifest.get("background", "#d9dee4")[k:k + 2], 16) / 255 for k in (5, 3, 1)]
        picture = picture[..., :3] * picture[..., 3:] + (1 - picture[..., 3:]) * np.array(behind, np.float32)
    x, y, w, _ = manifest["boxes"][frame]
    n = 2 * round(w / 2)
    matrix = np.array([[n / w, 0, -x * n / w], [0, n / w, -y * n / w]])
    matrix[:, 2] += matrix[:, :2] @ [0.5, 0.5] - 0.5
    return np.clip(cv2.warpAffine(picture, matrix, (n, n), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE), 0, 1)


def show(session, picture, mouth):
    """`picture` with this mouth."""
    given = {"mel": np.full((1, 1, 80, 16), -4, np.float32), "face": packed(cv2.resize(picture, (96, 96), interpolation=cv2.INTER_AREA)),
             "mouth": np.array([mouth], np.float32), "drive": np.ones((1, 1), np.float32)}
    return fine(picture, *(x[:, :, 48:] for x in session.run(["flow", "alpha", "paint"], given)))


def main(out, avatar, *models):
    picture = face(avatar)
    n, rows = len(picture), []
    for names in (NAMES[:9], NAMES[9:]):
        for model in models:
            session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
            mouths = [show(session, picture, TABLE["visemes"][name]["target"])[n // 2:int(n * 0.95), n // 4:n - n // 4] for name in names]
            rows.append(np.hstack([label(cv2.resize(m, (230, 207), interpolation=cv2.INTER_CUBIC), name) for m, name in zip(mouths, names)]))
    cv2.imwrite(out, np.vstack(rows), [cv2.IMWRITE_WEBP_QUALITY, 80] if out.endswith(".webp") else [])


if __name__ == "__main__":
    main(*sys.argv[1:])
