"""Stage 6: the renderer, from true parameters only.  `python3 face_train.py WORKDIR [STEPS]`

Batch 32. Loss: the picture (heavier around the mouth) and its gradients, both at the net's 96 pixels and composed
from flow, alpha and paint on a picture twice as fine; flow where skin is, alpha, paint in and around the hole.
Resumes from WORKDIR/face.pt.
"""
import os
import pathlib
import sys
import time

import numpy as np
import torch
import torch.nn.functional as F

from nets import FaceNet

BATCH = 32


def tensors(data, index):
    picture = lambda name: torch.from_numpy(np.ascontiguousarray(data[name][index].transpose(0, 3, 1, 2))).float() / 255
    flow = torch.from_numpy(data["flow"][index].astype(np.float32)).permute(0, 3, 1, 2)
    alpha = torch.from_numpy(data["alpha"][index].astype(np.float32))[:, None] / 255
    return picture("ref"), torch.from_numpy(data["mouth"][index]), picture("out"), flow, alpha, picture("paint")


def compose(picture, flow, alpha, paint):
    """The lower half of `picture` at its own size, from layers of any size: what the product does."""
    size = picture.shape[-1]
    finer = lambda x: F.interpolate(x, (size // 2, size), mode="bilinear", align_corners=False)
    y, x = torch.meshgrid((torch.arange(size // 2, size) + 0.5) * 2 / size - 1, (torch.arange(size) + 0.5) * 2 / size - 1, indexing="ij")
    place = (torch.stack([x, y])[None] + finer(flow)).permute(0, 2, 3, 1)
    moved = F.grid_sample(picture, place, mode="bilinear", padding_mode="border", align_corners=False)
    return moved * (1 - finer(alpha)) + finer(paint * alpha)


def losses(net, batch):
    fine, mouth, fine_out, flow, alpha, paint = batch
    reference, out = F.avg_pool2d(fine, 2), F.avg_pool2d(fine_out, 2)
    got, got_flow, got_alpha, got_paint = net(torch.cat([reference, reference], 1), mouth)
    changed = (out - reference[:, :, 48:]).abs().mean(1, keepdim=True)
    where = 1 + 4 * F.max_pool2d(torch.maximum(alpha, (changed * 4).clamp(max=1)), 5, 1, 2)
    picture, edges = compare(got, out, where)
    fine_picture, fine_edges = compare(compose(fine, got_flow, got_alpha, got_paint), fine_out, F.interpolate(where, scale_factor=2.0))
    skin = (alpha < 0.1).float()
    field = ((got_flow - flow).abs() * skin * where).mean()
    hole = ((got_alpha - alpha).abs() * where).mean()
    inside = ((got_paint - paint).abs() * F.max_pool2d((alpha > 0.02).float(), 5, 1, 2)).mean()
    return picture + fine_picture, edges + fine_edges, field, hole, inside


def compare(a, b, where):
    slopes = (lambda x: x[..., 1:] - x[..., :-1], lambda x: x[..., 1:, :] - x[..., :-1, :])
    return ((a - b).abs() * where).mean(), sum((slope(a) - slope(b)).abs().mean() for slope in slopes)


def main(workdir, steps=9000):
    torch.set_num_threads(1)
    folder = pathlib.Path(workdir)
    data = {k: np.load(folder / f"faces-{k}.npy", mmap_mode="r") for k in ("ref", "out", "flow", "alpha", "paint", "mouth")}
    count = len(data["ref"])
    held = count // 25
    torch.manual_seed(4)
    net, mean = FaceNet(), FaceNet()
    mean.load_state_dict(net.state_dict())
    optimizer = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=1e-4)
    done, path = 0, folder / "face.pt"
    if path.exists():
        state = torch.load(path)
        net.load_state_dict(state["net"]), mean.load_state_dict(state["mean"]), optimizer.load_state_dict(state["optimizer"])
        done = state["step"]
    rng = np.random.default_rng(50 + done)
    print("parameters", sum(p.numel() for p in net.parameters()), "samples", count, "from step", done, flush=True)
    began, total = time.time(), np.zeros(5)
    for step in range(done, steps):
        for group in optimizer.param_groups:
            group["lr"] = 2e-3 * min(1, (step + 1) / 200) * (0.5 + 0.5 * np.cos(np.pi * step / steps)) + 1e-5
        net.train()
        parts = losses(net, tensors(data, np.sort(rng.choice(count - held, BATCH, replace=False))))
        loss = parts[0] + parts[1] + 1.5 * parts[2] + 0.5 * parts[3] + parts[4]
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        optimizer.step()
        keep = min(0.998, (step + 1) / (step + 10))
        with torch.no_grad():
            for a, b in zip(mean.state_dict().values(), net.state_dict().values()):
                a.mul_(keep).add_(b, alpha=1 - keep) if a.is_floating_point() else a.copy_(b)
        total += [p.item() for p in parts]
        if (step + 1) % 250 == 0 or step + 1 == steps:
            mean.eval()
            with torch.no_grad():
                seen = np.mean([[p.item() for p in losses(mean, tensors(data, np.arange(k, k + 40)))] for k in range(count - held, count - 39, 40)], 0)
            print(f"{step + 1} train {np.round(total / 250, 5)} held {np.round(seen, 5)} {(time.time() - began) / (step + 1 - done):.3f} s/step", flush=True)
            total[:] = 0
            torch.save({"net": net.state_dict(), "mean": mean.state_dict(), "optimizer": optimizer.state_dict(), "step": step + 1}, f"{path}.new")
            os.replace(f"{path}.new", path)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
