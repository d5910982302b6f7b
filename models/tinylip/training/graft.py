"""The audio half of one file put into another.  `python3 graft.py AUDIO INTO.onnx [OUT.onnx]`

AUDIO is an ONNX or a checkpoint (audio.pt). Only the audio half's weights are written, by their place on the way from
mel to params: the graph, the image half and their names stay as they are in INTO.onnx, whatever exported it. It is
checked that, told the mouth (drive 1), every picture is the same to the last bit, and that what is heard is what the
audio half hears alone. Without OUT it changes INTO.onnx; a model.yaml beside the result gets its bytes and sha256.
"""
import hashlib
import pathlib
import re
import sys

import numpy as np
import onnx
import onnxruntime
import torch
from onnx import numpy_helper

import weights as stored
from nets import AudioNet


def audio(path):
    """AudioNet in eval mode, from an ONNX or from a checkpoint."""
    if path.endswith(".onnx"):
        return stored.read(path)[0]
    net = AudioNet()
    net.load_state_dict(torch.load(path)["mean"])
    return net.eval()


def layers(net):
    """[(weight, bias)] of a net as it is exported: each BatchNorm in the convolution before it."""
    out = []
    for module in net.modules():
        if isinstance(module, (torch.nn.Conv2d, torch.nn.Linear)):
            out.append([module.weight.data.double(), None if module.bias is None else module.bias.data.double()])
        elif isinstance(module, torch.nn.BatchNorm2d):
            scale = (module.weight.data.double() / torch.sqrt(module.running_var.double() + module.eps))
            weight, bias = out[-1]
            out[-1] = [weight * scale[:, None, None, None], module.bias.data.double() + ((0 if bias is None else bias) - module.running_mean.double()) * scale]
    return [(w.float().numpy(), b.float().numpy()) for w, b in out]


def heard(graph):
    """Names of the weights and biases between mel and params, in the order of the graph."""
    makes, wanted, found = {o: n for n in graph.node for o in n.output}, ["params"], set()
    while wanted:
        node = makes.get(wanted.pop())
        if node is not None and id(node) not in found:
            found.add(id(node))
            wanted += node.input
    return [(n.input[1], n.input[2]) for n in graph.node if id(n) in found and n.op_type in ("Conv", "Gemm")]


def run(data, net):
    """Every output with the mouth told, and the params that are heard."""
    rng = np.random.default_rng(0)
    mouth = rng.uniform(-0.3, 1, (8, 6)).astype(np.float32)
    given = {"mel": rng.uniform(-4, 3, (8, 1, 80, 16)).astype(np.float32), "face": rng.uniform(0, 1, (8, 6, 96, 96)).astype(np.float32),
             "mouth": mouth, "drive": np.ones((8, 1), np.float32)}
    session = onnxruntime.InferenceSession(data, providers=["CPUExecutionProvider"])
    told = session.run(None, given)
    params = session.run(["params"], {**given, "drive": np.zeros((8, 1), np.float32)})[0]
    with torch.no_grad():
        alone = net(torch.from_numpy(given["mel"])).numpy() if net else params
    return told, float(np.abs(params - alone).max())


def main(source, into, target=None):
    net, model = audio(source), onnx.load(into)
    known, places, new = {i.name: i for i in model.graph.initializer}, heard(model.graph), layers(net)
    if len(places) != len(new):
        raise ValueError(f"{into} has {len(places)} layers on the way to params, {source} {len(new)}")
    for names, values in zip(places, new):
        for name, value in zip(names, values):
            if list(known[name].dims) != list(value.shape):
                raise ValueError(f"{name} is {list(known[name].dims)} in {into}, {list(value.shape)} in {source}")
            known[name].CopyFrom(numpy_helper.from_array(value, name))
    data = model.SerializeToString()
    (before, _), (after, differs) = run(pathlib.Path(into).read_bytes(), None), run(data, net)
    assert all(np.array_equal(a, b) for a, b in zip(before, after)), "the image half changed"
    assert differs < 1e-4, f"params differ by {differs}"
    target = pathlib.Path(target or into)
    target.write_bytes(data)
    digest = hashlib.sha256(data).hexdigest()
    print(f"told the mouth: the same to the last bit; heard: differs by {differs:.1e}; bytes {len(data)} sha256 {digest}")
    manifest = target.parent / "model.yaml"
    if manifest.exists():
        text = re.sub(r"(?m)^sha256: .*$", f"sha256: '{digest}'", manifest.read_text())
        manifest.write_text(re.sub(r"(?m)^bytes: .*$", f"bytes: {len(data)}", text))


if __name__ == "__main__":
    main(*sys.argv[1:])
