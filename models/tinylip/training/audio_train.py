"""Stage 3: audio -> six mouth parameters.  `python3 audio_train.py WORKDIR [STEPS]`

Batches of 128 pairs of windows 40 ms apart (256 windows). Loss: squared error over each parameter's
variance, heavier where lips are closed, tucked or rounded, plus the same on the change within a pair.
Resumes from WORKDIR/audio.pt; an averaged copy of the weights is what is evaluated and exported.
"""
import os
import pathlib
import sys
import time

import numpy as np
import torch

import mel as m
from nets import AudioNet
from visemes import PARAMS

PAIRS, GAP = 128, 3


def windows(mel, starts):
    """[n] rows -> float32 [n, 1, 80, 16]"""
    index = starts[:, None] + np.arange(m.WINDOW)[None]
    return torch.from_numpy(mel[index].astype(np.float32)).transpose(1, 2)[:, None].contiguous()


def jitter(x, generator):
    """Cheap augmentation in the mel domain: level, tilt, a raised noise floor, a hidden band or moment."""
    n = len(x)
    rand = lambda *shape: torch.rand(*shape, generator=generator)
    band = torch.linspace(-1, 1, 80)[None, None, :, None]
    x = x + (rand(n, 1, 1, 1) - 0.6) * 1.6 + (rand(n, 1, 1, 1) - 0.5) * band * 0.8
    floor = -4.5 + rand(n, 1, 1, 1) ** 2 * 3.2 + (rand(n, 1, 1, 1) - 0.5) * band * 0.6
    x = torch.maximum(x, floor + torch.randn(x.shape, generator=generator) * 0.25)
    centre, width = rand(n, 1, 1, 1) * 2 - 1, rand(n, 1, 1, 1) * 0.12 * (rand(n, 1, 1, 1) < 0.3)
    x = torch.where((band - centre).abs() < width, torch.full_like(x, -3.0), x)
    return x.clamp(-4, 4)


def weights(truth):
    """[n, 6] heavier where a viewer notices a miss."""
    open_, wide, tuck = truth[:, 0], truth[:, 1], truth[:, 3]
    w = torch.ones_like(truth)
    closed, tucked, rounded = (-tuck).clamp(min=0), tuck.clamp(min=0), (-wide).clamp(min=0)
    w[:, 0] += 3 * closed + tucked + rounded
    w[:, 3] += 2 * closed + 2 * tucked
    w[:, 1] += 2 * rounded
    w[:, 4] += closed
    return w


@torch.no_grad()
def evaluate(net, data, silent_limit=None):
    net.eval()
    starts = np.flatnonzero(data["valid"])
    predicted = torch.cat([net(windows(data["mel"], s)) for s in np.array_split(starts, max(1, len(starts) // 1024))]).numpy()
    truth = data["mouth"][starts].astype(np.float32)
    r = [np.corrcoef(predicted[:, k], truth[:, k])[0, 1] for k in range(6)]
    # a closure counts where the truth presses hardest: lips must be nearly shut there
    tuck = truth[:, 3]
    peaks = [i for i in range(1, len(tuck) - 1) if tuck[i] < -0.8 and tuck[i] <= tuck[i - 1] and tuck[i] < tuck[i + 1]]
    closed = np.mean([predicted[max(0, i - 1): i + 2, 0].min() < 0.1 and predicted[max(0, i - 1): i + 2, 3].min() < -0.35 for i in peaks])
    quiet = (np.abs(truth).max(1) < 0.01)
    return r, closed, np.abs(predicted[quiet, 0]).mean(), np.abs(predicted[quiet, 0]).max(), np.abs(np.diff(predicted[:, 0])).mean()


def main(workdir, steps=5000):
    torch.set_num_threads(1)
    folder = pathlib.Path(workdir)
    data = dict(np.load(folder / "audio-train.npz"))
    held = {v: dict(np.load(folder / f"audio-held-{v}.npz")) for v in ("slt", "awb")}
    usable = data["valid"].copy()
    usable[:-GAP] &= data["valid"][GAP:]
    usable[-GAP:] = False
    starts = np.flatnonzero(usable)
    deviation = torch.from_numpy(data["mouth"][starts[::7]].astype(np.float32).std(0))
    torch.manual_seed(3)
    net, mean = AudioNet(), AudioNet()
    mean.load_state_dict(net.state_dict())
    optimizer = torch.optim.AdamW(net.parameters(), 2e-3, weight_decay=1e-3)
    done, path = 0, folder / "audio.pt"
    if path.exists():
        state = torch.load(path)
        net.load_state_dict(state["net"]), mean.load_state_dict(state["mean"]), optimizer.load_state_dict(state["optimizer"])
        done = state["step"]
    generator, rng = torch.Generator().manual_seed(100 + done), np.random.default_rng(100 + done)
    print("parameters", sum(p.numel() for p in net.parameters()), "windows", len(starts), "from step", done, flush=True)
    began, total = time.time(), 0.0
    for step in range(done, steps):
        for group in optimizer.param_groups:
            group["lr"] = 2e-3 * min(1, (step + 1) / 200) * (0.5 + 0.5 * np.cos(np.pi * step / steps)) + 1e-5
        chosen = rng.choice(starts, PAIRS)
        both = np.concatenate([chosen, chosen + GAP])
        truth = torch.from_numpy(data["mouth"][both].astype(np.float32))
        x = windows(data["mel"], both)
        seed = int(torch.randint(1 << 30, (1,), generator=generator))
        x = torch.cat([jitter(part, torch.Generator().manual_seed(seed)) for part in x.chunk(2)])
        if step % 2 == 0:                                     # pure silence and steady noise are closed
            k = 12
            level = torch.rand(k, 1, 1, 1, generator=generator) * 4 - 4.4
            x[:k] = (level + torch.linspace(-1, 1, 80)[None, None, :, None] * torch.randn(k, 1, 1, 1, generator=generator) * 0.4
                     + torch.randn(k, 1, 80, m.WINDOW, generator=generator) * 0.3).clamp(-4, 4)
            truth[:k] = 0
            x[PAIRS:PAIRS + k] = (x[PAIRS:PAIRS + k] - 2.5 - 2 * torch.rand(k, 1, 1, 1, generator=generator)).clamp(min=-4)
            truth[PAIRS:PAIRS + k] = 0                        # and so is what is 30 dB below the quietest speech
        net.train()
        out = net(x)
        error = (((out - truth) / deviation) ** 2 * weights(truth)).mean()
        change = ((((out[PAIRS:] - out[:PAIRS]) - (truth[PAIRS:] - truth[:PAIRS])) / deviation) ** 2)[8:].mean()
        loss = error + 0.3 * change
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        keep = min(0.998, (step + 1) / (step + 10))
        with torch.no_grad():
            for a, b in zip(mean.state_dict().values(), net.state_dict().values()):
                a.mul_(keep).add_(b, alpha=1 - keep) if a.is_floating_point() else a.copy_(b)
        total += loss.item()
        if (step + 1) % 500 == 0 or step + 1 == steps:
            print(f"{step + 1} loss {total / 500:.4f} {(time.time() - began) / (step + 1 - done):.3f} s/step", flush=True)
            total = 0.0
            for voice, h in held.items():
                r, closed, quiet, worst, move = evaluate(mean, h)
                print("  ", voice, " ".join(f"{p} {x:.3f}" for p, x in zip(PARAMS, r)), f"closed {closed:.2f} quiet {quiet:.4f} max {worst:.3f} move {move:.4f}", flush=True)
            torch.save({"net": net.state_dict(), "mean": mean.state_dict(), "optimizer": optimizer.state_dict(), "step": step + 1}, f"{path}.new")
            os.replace(f"{path}.new", path)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
