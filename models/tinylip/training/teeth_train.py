"""Stage 6b: the head for the inside of the mouth and for its corners.  `python3 teeth_train.py WORKDIR [STEPS]`

All else of WORKDIR/face.pt stands still: what it makes of every sample is computed once and kept (3 GB). First the head
learns where the mouth is (a few seconds), then what is in it. Only the middle columns count. Writes the head back into face.pt.
"""
import os
import pathlib
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

from face_train import Pairs, compare, folds, moved, painted, tensors, wait_for_quiet
from nets import FaceNet

BATCH, SHARE = 32, 0.72                      # of rendered ones
LEFT, RIGHT = 24, 72                         # columns of 96 that the head reaches
HEAD = ("spot", "inner", "teeth", "ease")


def of_head(name):
    return name.split(".")[0] in HEAD


def prepare(net, data, index):
    """What the head is given and what it is to give, of these samples: a list of tensors, the large ones in half precision."""
    fine, mouth, fine_out, flow, alpha, paint = tensors(data, index)
    s = net.signals(mouth)
    got_flow, rest, seen, whole = net.trunk(F.avg_pool2d(fine, 2), s)
    middle = lambda x, k=1: x[..., k * LEFT:k * RIGHT]
    large = rest, seen, whole, got_flow, middle(fine_out, 2), middle(flow), middle(alpha), middle(paint)
    return [s, torch.from_numpy(data["place"][index]), *(x.half() for x in large), (255 * fine).round().byte()]


def losses(net, batch):
    s, _, rest, seen, whole, start, out, flow, alpha, paint, fine = (x.float() for x in batch)
    place = net.where(whole)
    near = net.near(seen, place)
    got_flow = (start + net.eased(near, s)) * net.reach(place)
    got_alpha, got_paint = (x[..., LEFT:RIGHT] for x in net.inside(rest, near, s))
    cover, colour = painted(got_alpha, got_paint, 2 * got_alpha.shape[-1])
    skin = moved(fine / 255, got_flow)[..., 2 * LEFT:2 * RIGHT]
    about, tight = F.max_pool2d((alpha > 0.02).float(), 5, 1, 2), folds(flow)
    sharp = F.interpolate(torch.maximum(about, (tight - 1) / 4), scale_factor=2.0)
    picture, edges = compare(skin + cover * (colour - skin), out, 0.2 + 5 * sharp, 0.2 + 5 * sharp)
    hole = (got_alpha - alpha).abs().mul(0.3 + 2 * about).mean()
    inside = ((got_paint - paint).abs() * about).mean()
    field = ((got_flow[..., LEFT:RIGHT] - flow).abs() * (alpha < 0.1) * tight).mean()
    return picture, edges, hole, inside, field


def locate(net, kept, held, steps=1500):
    """Teaches net.spot; places in cells of 96 (a half width of 1 % is a cell's tenth)."""
    optimizer = torch.optim.AdamW(net.spot.parameters(), lr=2e-3, weight_decay=1e-2)
    for step in range(steps):
        optimizer.param_groups[0]["lr"] = 2e-3 * (0.5 + 0.5 * np.cos(np.pi * step / steps)) + 1e-5
        batch = [torch.cat(x) for x in zip(*((k[1][i], k[4][i]) for k in kept for i in [torch.randint(len(k[1]), (32,))]))]
        loss = (net.where(batch[1].float()) - batch[0]).abs().mean()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
    with torch.no_grad():
        for k, h in zip(kept, held):
            off = [((net.where(x[4].float()) - x[1]).abs().mean(0) * torch.tensor([48, 48, 48, 57.3])).numpy().round(2) for x in (k, h)]
            print("x y half (cells) roll (degrees) off by", *off, flush=True)


def main(workdir, steps=3000):
    torch.set_num_threads(1)
    torch.manual_seed(7)
    folder, steps = pathlib.Path(workdir), int(steps)
    saved, net, pairs = torch.load(folder / "face.pt"), FaceNet(), Pairs(folder)
    fits = lambda k, v: k in net.state_dict() and net.state_dict()[k].shape == v.shape
    net.load_state_dict({k: v for k, v in saved["mean"].items() if fits(k, v)}, strict=False)
    net.eval()
    kept, held = [], []
    with torch.no_grad():
        for data, known in zip(pairs.sets, pairs.known):
            whole = [prepare(net, data, np.arange(at, min(at + 50, len(data["mouth"])))) for at in range(0, len(data["mouth"]), 50)]
            whole = [torch.cat(x) for x in zip(*whole)]
            kept.append([x[:known] for x in whole])
            held.append([x[known:] for x in whole])
            print(known, "samples kept", flush=True)
    locate(net, kept, held)
    net.spot.requires_grad_(False)
    net.inner.train(), net.teeth.train(), net.ease.train()
    optimizer = torch.optim.AdamW([*net.inner.parameters(), *net.teeth.parameters(), *net.ease.parameters()], lr=3e-3, weight_decay=1e-4)
    mean = {k: v.clone() for k, v in net.state_dict().items()}
    shares = [BATCH - round(BATCH * SHARE), round(BATCH * SHARE)] if len(kept) == 2 else [BATCH]
    began, total = time.time(), np.zeros(5)
    for step in range(steps):
        wait_for_quiet()
        optimizer.param_groups[0]["lr"] = 3e-3 * min(1, (step + 1) / 100) * (0.5 + 0.5 * np.cos(np.pi * step / steps)) + 1e-5
        chosen = [torch.randint(len(k[0]), (n,)) for k, n in zip(kept, shares)]
        parts = losses(net, [torch.cat(x) for x in zip(*([t[i] for t in k] for k, i in zip(kept, chosen)))])
        optimizer.zero_grad(set_to_none=True)
        (parts[0] + parts[1] + 0.5 * parts[2] + parts[3] + 6 * parts[4]).backward()
        optimizer.step()
        keep = min(0.99, (step + 1) / (step + 10))
        for k, v in net.state_dict().items():
            mean[k] = mean[k] * keep + v * (1 - keep) if of_head(k) and v.is_floating_point() else v.clone()
        total += [p.item() for p in parts]
        if (step + 1) % 250 == 0 or step + 1 == steps:
            other = FaceNet()
            other.load_state_dict(mean)
            other.eval()
            with torch.no_grad():
                seen = [np.round([p.item() for p in losses(other, h)], 5) for h in held]
            print(f"{step + 1} train {np.round(total / 250, 5)} held {seen} {(time.time() - began) / (step + 1):.3f} s/step", flush=True)
            total[:] = 0
            torch.save({"net": mean, "mean": mean, "optimizer": None, "step": saved["step"]}, folder / "face.pt.new")
            os.replace(folder / "face.pt.new", folder / "face.pt")


if __name__ == "__main__":
    main(*sys.argv[1:])
