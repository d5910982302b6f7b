"""Contact sheets to look at.

python3 sheet.py WORKDIR rig OUT.png                the rig: what the renderer is to learn
python3 sheet.py WORKDIR net OUT.png                face.pt with true parameters, on the picture itself as in the product
python3 sheet.py WORKDIR MODEL.onnx OUT.png [WHO]   a held-out sentence through the whole model, every frame
"""
import pathlib
import sys

import cv2
import numpy as np
import torch

import face_data
import mel
import rig
from face_train import compose
from nets import FaceNet
from visemes import TABLE

NAMES = ["sil", "PP", "FF", "TH", "DD", "KK", "CH", "SS", "RR", "LL", "aa", "ae", "ah", "eh", "ih", "iy", "ao", "oh", "uw", "WW"]
PEOPLE = ["ava", "seed-141", "seed-144", "seed-147"]


def label(picture, text):
    picture = np.ascontiguousarray((np.clip(picture, 0, 1) * 255).astype(np.uint8))
    for colour, width in (((0, 0, 0), 2), ((255, 255, 255), 1)):
        cv2.putText(picture, text, (3, 12), cv2.FONT_HERSHEY_SIMPLEX, 0.42, colour, width)
    return picture


def grid(tiles, columns):
    tiles = tiles + [np.zeros_like(tiles[0])] * (-len(tiles) % columns)
    return np.vstack([np.hstack(tiles[k:k + columns]) for k in range(0, len(tiles), columns)])


def reference(portraits, name):
    image, geometry = face_data.crop(*portraits[name])
    return image, geometry, cv2.resize(image, (96, 96), interpolation=cv2.INTER_AREA)


def packed(small):
    """[96, 96, 3] -> float32 [1, 6, 96, 96]"""
    face = small.transpose(2, 0, 1)[None].astype(np.float32)
    masked = face.copy()
    masked[:, :, 48:] = 0
    return np.concatenate([masked, face], 1)


def fine(picture, flow, alpha, paint):
    """`picture` [n, n, 3] with its lower half composed from layers [1, c, 48, 96] (numpy)."""
    layers = [torch.from_numpy(np.ascontiguousarray(x)) for x in (picture.transpose(2, 0, 1)[None].astype(np.float32), flow, alpha, paint)]
    out = picture.copy()
    out[len(out) // 2:] = compose(*layers)[0].permute(1, 2, 0).numpy()
    return out


def visemes(folder, mode):
    tiles, net = [], None
    portraits = face_data.load(folder / "portraits", PEOPLE)
    if mode == "net":
        net = FaceNet()
        net.load_state_dict(torch.load(folder / "face.pt")["mean"], strict=False)
        net.eval()
    for who in PEOPLE:
        image, geometry, small = reference(portraits, who)
        for name in NAMES:
            target = TABLE["visemes"][name]["target"]
            if net is None:
                out = rig.render(image, geometry, target)[0]
            else:
                with torch.no_grad():
                    layers = net(torch.from_numpy(packed(small)), torch.tensor([target], dtype=torch.float32))[1:]
                out = fine(image, *(x.numpy() for x in layers))
            tiles.append(label(out, name))
    return grid(tiles, 10)


def sentence(folder, model, who, name="held-slt-0001"):
    import onnxruntime
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    speech = np.load(folder / "speech" / f"{name}.npz")
    rows = np.pad(mel.melspectrogram(speech["pcm"] / 32768), ((8, 32), (0, 0)), constant_values=-4)
    image, _, small = reference(face_data.load(folder / "portraits", [who]), who)
    face, tiles = packed(small), []
    for frame in range(int(len(speech["pcm"]) / 640)):
        at = mel.window_start(frame) + 8
        layers = session.run(["flow", "alpha", "paint"], {"mel": rows[at:at + 16].T[None, None], "face": face})
        t = frame / 25
        said = [p for p, a, b in zip(speech["phones"], speech["starts"], speech["ends"]) if a <= t < b]
        out = fine(image, *(x[:, :, 48:] for x in layers))
        tiles.append(label(out[70:, 35:157], " ".join(said)))
    return grid(tiles, 14)


if __name__ == "__main__":
    place, what, target = pathlib.Path(sys.argv[1]), sys.argv[2], sys.argv[3]
    cv2.imwrite(target, visemes(place, what) if what in ("rig", "net") else sentence(place, what, (sys.argv[4:] or ["ava"])[0]))
