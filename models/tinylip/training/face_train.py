"""Stage 6: the renderer, from true parameters only.  `python3 face_train.py WORKDIR [STEPS] [--until STEP] [--begin FROM.onnx]`

Batch 32, of drawn pairs (faces-*.npy) and, where there are any, rendered ones (rendered-*.npy), 12 and 20. Loss: the picture
(heavier around the mouth, and at its edges in it) and its gradients, both at the net's 96 pixels and composed from flow, alpha and paint on a
picture twice as fine; flow where skin is, alpha, paint in and around the hole.
The head for the inside of the mouth and its corners stands still here: teeth_train.py.
STEPS is the whole plan, by which the steps grow smaller; --until stops before its end, and the next call goes on with the pairs that are there then.
Goes on from WORKDIR/face.pt, else from the image half of FROM.onnx, else from seeds. While the file named by TRAINING_PAUSE exists it waits.
"""
import argparse
import functools
import os
import pathlib
import time

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F

from nets import FaceNet

BATCH, RENDERED = 32, 20
STEEP = 1.6                                  # of native/warp.cc


def tensors(data, index):
    picture = lambda name: torch.from_numpy(np.ascontiguousarray(data[name][index].transpose(0, 3, 1, 2))).float() / 255
    flow = torch.from_numpy(data["flow"][index].astype(np.float32)).permute(0, 3, 1, 2)
    alpha = torch.from_numpy(data["alpha"][index].astype(np.float32))[:, None] / 255
    return picture("ref"), torch.from_numpy(data["mouth"][index]), picture("out"), flow, alpha, picture("paint")


@functools.lru_cache
def splines(size, cells):
    """[size, cells]: what each of `size` pixels takes of `cells`, by quadratic B-splines; the edge repeats."""
    at = (torch.arange(size) + 0.5) * cells / size - 0.5
    near = torch.round(at)[:, None] + torch.arange(-1, 2)
    away = (near - at[:, None]).abs()
    weight = torch.where(away < 0.5, 0.75 - away ** 2, 0.5 * (1.5 - away).clamp(min=0) ** 2)
    return torch.zeros(size, cells).scatter_add_(1, near.clamp(0, cells - 1).long(), weight)


def finer(layer, size):
    """A layer of cells [..., h, w] on `size` pixels across."""
    rows, columns = (splines(n * size // layer.shape[-1], n) for n in layer.shape[-2:])
    return rows @ layer @ columns.T


def painted(alpha, paint, size):
    """-> (cover, colour) on `size` pixels across, as native/warp.cc does it: scaled up softly, and then the edge is made steep again."""
    cover = finer(alpha, size)
    return ((cover - 0.5) * STEEP + 0.5).clamp(0, 1), finer(alpha * paint, size) / cover.clamp(min=1e-3)


def moved(picture, flow):
    """The lower half of `picture` at its own size, with its pixels where the flow says."""
    size = picture.shape[-1]
    y, x = torch.meshgrid((torch.arange(size // 2, size) + 0.5) * 2 / size - 1, (torch.arange(size) + 0.5) * 2 / size - 1, indexing="ij")
    place = (torch.stack([x, y])[None] + finer(flow, size)).permute(0, 2, 3, 1)
    return F.grid_sample(picture, place, mode="bilinear", padding_mode="border", align_corners=False)


def compose(picture, flow, alpha, paint):
    """The same with what is painted over it: what the product does."""
    skin, (cover, colour) = moved(picture, flow), painted(alpha, paint, picture.shape[-1])
    return skin + cover * (colour - skin)


def losses(net, batch):
    fine, mouth, fine_out, flow, alpha, paint = batch
    reference, out = F.avg_pool2d(fine, 2), F.avg_pool2d(fine_out, 2)
    got, got_flow, got_alpha, got_paint = net(torch.cat([reference, reference], 1), mouth)
    changed = (out - reference[:, :, 48:]).abs().mean(1, keepdim=True)
    where = 1 + 4 * F.max_pool2d(torch.maximum(alpha, (changed * 4).clamp(max=1)), 5, 1, 2)
    sharp = 1 + 14 * F.interpolate(F.max_pool2d((alpha > 0.02).float(), 3, 1, 1), scale_factor=2.0)
    picture, edges = compare(got, out, where)
    fine_picture, fine_edges = compare(compose(fine, got_flow, got_alpha, got_paint), fine_out, F.interpolate(where, scale_factor=2.0), sharp)
    skin = (alpha < 0.1).float()
    field = ((got_flow - flow).abs() * skin * where * folds(flow)).mean()
    hole = ((got_alpha - alpha).abs() * where).mean()
    inside = ((got_paint - paint).abs() * F.max_pool2d((alpha > 0.02).float(), 5, 1, 2)).mean()
    return picture + fine_picture, edges + fine_edges, field, hole, inside


def folds(flow):
    """[B,1,h,w] 1..5: the more, the more `flow` differs from cell to cell. At the corners of rounded lips the closed mouth's line must go with them."""
    cells = flow.shape[-1] / 2                     # in half a square
    steps = [F.pad((flow[..., 1:] - flow[..., :-1]).abs(), (0, 1)), F.pad((flow[..., 1:, :] - flow[..., :-1, :]).abs(), (0, 0, 0, 1))]
    return 1 + 4 * F.max_pool2d((sum(steps).sum(1, keepdim=True) * cells).clamp(max=1), 3, 1, 1)


def compare(a, b, where, sharp=None):
    """Mean difference weighed by `where`, and that of the slopes weighed by `sharp`."""
    sharp = torch.ones_like(where) if sharp is None else sharp
    slopes = (lambda x: x[..., 1:] - x[..., :-1], sharp[..., 1:]), (lambda x: x[..., 1:, :] - x[..., :-1, :], sharp[..., 1:, :])
    return ((a - b).abs() * where).mean(), sum(((slope(a) - slope(b)).abs() * weight).mean() for slope, weight in slopes)


class Pairs:
    """Drawn and rendered samples; the last 4 % of each are held out."""

    def __init__(self, folder):
        names = ("ref", "out", "flow", "alpha", "paint", "mouth", "place")
        kinds = [k for k in ("faces", "rendered") if (folder / f"{k}-mouth.npy").exists()]
        self.sets = [{n: np.load(folder / f"{k}-{n}.npy", mmap_mode="r") for n in names} for k in kinds]
        self.shares = [BATCH - RENDERED, RENDERED] if len(kinds) == 2 else [BATCH]
        self.known = [len(s["mouth"]) - len(s["mouth"]) // 25 for s in self.sets]

    def batch(self, rng):
        return self._joined([np.sort(rng.choice(n, k, replace=False)) for n, k in zip(self.known, self.shares)])

    def _joined(self, indices):
        parts = [tensors(s, i) for s, i in zip(self.sets, indices)]
        return [torch.cat(x) for x in zip(*parts)]

    def held(self):
        """Batches of what was never trained, one kind after the other."""
        for data, known in zip(self.sets, self.known):
            yield [tensors(data, np.arange(at, min(at + 40, len(data["mouth"])))) for at in range(known, len(data["mouth"]), 40)]


def begin(path, source, pairs, rng):
    """-> (net, its running mean, the optimizer's state or None, steps done)"""
    net, mean = FaceNet(), FaceNet()
    if path.exists():
        saved = torch.load(path)
        net.load_state_dict(saved["net"])
        mean.load_state_dict(saved["mean"])
        return net, mean, saved["optimizer"], saved["step"]
    if source:
        import weights
        faces = [(torch.cat([r, r], 1), m) for r, m in ((F.avg_pool2d(b[0], 2), b[1]) for b in (pairs.batch(rng) for _ in range(6)))]
        net = weights.unfolded(weights.read(source)[1], net, faces)
    mean.load_state_dict(net.state_dict())
    return net, mean, None, 0


def wait_for_quiet():
    flag = os.environ.get("TRAINING_PAUSE")
    while flag and os.path.exists(flag):
        time.sleep(2)


def main():
    parse = argparse.ArgumentParser()
    parse.add_argument("folder", type=pathlib.Path)
    parse.add_argument("steps", type=int, nargs="?", default=5000)
    parse.add_argument("--until", type=int)
    parse.add_argument("--begin")
    args = parse.parse_args()
    steps, source = args.steps, args.begin
    torch.set_num_threads(1)
    torch.manual_seed(5)
    path, pairs = args.folder / "face.pt", Pairs(args.folder)
    net, mean, state, done = begin(path, source, pairs, np.random.default_rng(200))
    rng = np.random.default_rng(200 + done)
    head = nn.ModuleList([net.spot, net.inner, net.teeth, net.ease]).requires_grad_(False)
    optimizer = torch.optim.AdamW([p for p in net.parameters() if p.requires_grad], lr=2e-3, weight_decay=1e-4)
    if state:
        optimizer.load_state_dict(state)
    top = 1e-3 if source else 2e-3
    print(sum(p.numel() for p in net.parameters()), "parameters,", pairs.known, "samples, from step", done, flush=True)
    began, total = time.time(), np.zeros(5)
    end = min(steps, args.until or steps)
    for step in range(done, end):
        wait_for_quiet()
        for group in optimizer.param_groups:
            group["lr"] = top * min(1, (step + 1) / 200) * (0.5 + 0.5 * np.cos(np.pi * step / steps)) + 1e-5
        net.train()
        head.eval()
        parts = losses(net, pairs.batch(rng))
        loss = parts[0] + parts[1] + 1.5 * parts[2] + 0.5 * parts[3] + 2 * parts[4]
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        keep = min(0.998, (step + 1) / (step + 10))
        with torch.no_grad():
            for a, b in zip(mean.state_dict().values(), net.state_dict().values()):
                a.mul_(keep).add_(b, alpha=1 - keep) if a.is_floating_point() else a.copy_(b)
        total += [p.item() for p in parts]
        if (step + 1) % 250 == 0 or step + 1 == end:
            mean.eval()
            with torch.no_grad():
                seen = [np.mean([[p.item() for p in losses(mean, b)] for b in kind], 0).round(5) for kind in pairs.held()]
            print(f"{step + 1} train {np.round(total / 250, 5)} held {seen} {(time.time() - began) / (step + 1 - done):.3f} s/step", flush=True)
            total[:] = 0
            torch.save({"net": net.state_dict(), "mean": mean.state_dict(), "optimizer": optimizer.state_dict(), "step": step + 1}, f"{path}.new")
            os.replace(f"{path}.new", path)


if __name__ == "__main__":
    main()
