"""Stage 7: both halves in one ONNX file.  `python3 export.py WORKDIR OUT.onnx [FROM.onnx]`

A half that WORKDIR has no checkpoint of (audio.pt, face.pt) is the one in FROM.onnx, else in OUT.onnx as it was; its params are the same to the last bit.
Checks the file in onnxruntime against torch (every output, batch 1 and 3) and writes size and sha256 into the
model.yaml beside it.
"""
import hashlib
import pathlib
import re
import sys

import numpy as np
import onnxruntime
import torch

import weights
from nets import AudioNet, FaceNet, TinyLip


def sample(batch):
    """Anything of the right shapes: mel, face, mouth, drive."""
    return torch.rand(batch, 1, 80, 16) * 6 - 4, torch.rand(batch, 6, 96, 96), torch.rand(batch, 6), torch.rand(batch, 1)


def main(workdir, target, source=None):
    folder = pathlib.Path(workdir)
    halves = {"audio": AudioNet(), "face": FaceNet()}
    for k, name in enumerate(halves):
        if (path := folder / f"{name}.pt").exists():
            halves[name].load_state_dict(torch.load(path)["mean"])
        else:
            halves[name] = weights.read(source or target)[k]
    audio, face = halves.values()
    net = TinyLip(audio, face)
    net.eval()                                   # on the wrapper: the exporter would put BatchNorm back to training
    torch.manual_seed(0)
    inputs, names = ["mel", "face", "mouth", "drive"], ["out", "flow", "alpha", "params", "paint"]
    torch.onnx.export(net, sample(2), target, input_names=inputs, output_names=names, opset_version=16,
                      dynamic_axes={n: {0: "batch"} for n in [*inputs, *names]}, do_constant_folding=True)
    net.eval()
    session = onnxruntime.InferenceSession(target, providers=["CPUExecutionProvider"])
    for batch in (1, 3):
        given = sample(batch)
        with torch.no_grad():
            want = net(*given)
        got = session.run(names, {name: value.numpy() for name, value in zip(inputs, given)})
        for name, a, b in zip(names, want, got):
            worst = float(np.abs(a.numpy() - b).max())
            print(f"batch {batch} {name} {list(b.shape)} differs by {worst:.1e}")
            assert worst < 1e-4, name
    data = pathlib.Path(target).read_bytes()
    digest = hashlib.sha256(data).hexdigest()
    print("bytes", len(data), "sha256", digest)
    manifest = pathlib.Path(target).parent / "model.yaml"
    if manifest.exists():
        text = re.sub(r"(?m)^sha256: .*$", f"sha256: '{digest}'", manifest.read_text())
        manifest.write_text(re.sub(r"(?m)^bytes: .*$", f"bytes: {len(data)}", text))


if __name__ == "__main__":
    main(*sys.argv[1:])
