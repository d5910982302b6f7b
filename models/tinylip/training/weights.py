"""The committed ONNX read back into nets.py, so that one half can go on from where it is and the other stays as it is.

The exporter folds each BatchNorm into the convolution before it. The audio half is left folded: written out again it
is the same to the last bit. For training, `unfolded` gives a half its BatchNorms back.
"""
import numpy as np
import onnx
import torch
import torch.nn as nn
from onnx import numpy_helper

from nets import AudioNet, FaceNet


def read(path):
    """-> (AudioNet, FaceNet) in eval mode, every BatchNorm replaced by the bias of its convolution.

    The last convolutions of FaceNet may be missing in the file: a head that it did not have yet stays as it is made.
    """
    graph = onnx.load(str(path)).graph
    known = {i.name: torch.from_numpy(numpy_helper.to_array(i).copy()) for i in graph.initializer}
    convolutions = [[known[name] for name in node.input[1:]] for node in graph.node if node.op_type == "Conv"]
    audio, face = folded(AudioNet()), folded(FaceNet())
    at = 0
    for prefix, net in (("audio", audio), ("face", face)):
        for name, module in net.named_modules():
            if isinstance(module, nn.Conv2d) and at < len(convolutions):        # nets.py names them in the order in which they are run
                module.weight.data, module.bias.data = convolutions[at]
                at += 1
            elif isinstance(module, nn.Linear) and f"{prefix}.{name}.weight" in known:
                module.weight.data, module.bias.data = known[f"{prefix}.{name}.weight"], known[f"{prefix}.{name}.bias"]
    if at != len(convolutions):
        raise ValueError(f"{path} has {len(convolutions)} convolutions, nets.py {at}")
    return audio.eval(), face.eval()


def folded(net):
    """`net` without BatchNorm: each convolution has a bias instead."""
    for name, module in list(net.named_modules()):
        if isinstance(module, nn.Conv2d) and module.bias is None:
            module.bias = nn.Parameter(torch.zeros(module.out_channels))
        elif isinstance(module, nn.BatchNorm2d):
            _place(net, name, nn.Identity())
    return net


def unfolded(net, plain, batches):
    """`plain`, a fresh net, made to compute what the folded `net` does.

    Each BatchNorm gets the mean and variance that `batches` (argument tuples) have at its place, and undoes them in its weight and bias.
    """
    plain.eval()
    given, seen, hooks, biases = dict(net.named_modules()), {}, [], []
    for name, module in plain.named_modules():
        if isinstance(module, (nn.Conv2d, nn.Linear)):
            module.weight.data = given[name].weight.data.clone()
            if module.bias is not None:
                module.bias.data = given[name].bias.data.clone()
            else:
                biases.append(given[name].bias.data)      # of the BatchNorm after it
    norms = [m for m in plain.modules() if isinstance(m, nn.BatchNorm2d)]
    for norm, bias in zip(norms, biases, strict=True):
        norm.weight.data, norm.bias.data = torch.sqrt(norm.running_var + norm.eps), bias.clone()
        look = lambda module, given: seen.setdefault(module, []).append(given[0].transpose(0, 1).flatten(1))
        hooks.append(norm.register_forward_pre_hook(look))
    with torch.no_grad():
        for batch in batches:
            plain(*batch)
    for hook in hooks:
        hook.remove()
    for norm in norms:
        values = torch.cat(seen[norm], 1)
        mean, variance = values.mean(1), values.var(1)
        norm.running_mean, norm.running_var = mean, variance
        norm.weight.data, norm.bias.data = torch.sqrt(variance + norm.eps), norm.bias.data + mean
    return plain


def _place(net, name, module):
    *path, last = name.split(".")
    for step in path:
        net = getattr(net, step)
    setattr(net, last, module)
