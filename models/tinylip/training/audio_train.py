"""Stage 3: audio -> six mouth parameters.  `python3 audio_train.py WORKDIR [STEPS] [FROM.onnx]`

Batches of 128 pairs of windows 40 ms apart (256 windows), each in a room of its own (surroundings.py). Loss: squared
error over each parameter's variance, heavier where lips are closed, tucked or rounded, plus the same on the change
within a pair, plus what the mouth moves in pauses. With FROM.onnx it goes on from that file's audio half, with
smaller steps. Resumes from WORKDIR/audio.pt; an averaged copy of the weights is what is evaluated and exported.
"""
import os
import pathlib
import sys
import time

import numpy as np
import torch

import mel as m
import weights as stored
from nets import AudioNet
from surroundings import Surroundings
from visemes import PARAMS

PAIRS, GAP = 128, 3


def windows(mel, starts):
    """[n] rows -> float32 [n, 1, 80, 16]"""
    index = starts[:, None] + np.arange(m.WINDOW)[None]
    return torch.from_numpy(mel[index].astype(np.float32)).transpose(1, 2)[:, None].contiguous()


def resting(truth):
    """[n] the windows in which nobody speaks."""
    return truth.abs().amax(1) < 0.01


def weights(truth):
    """[n, 6] heavier where a viewer notices a miss."""
    open_, wide, tuck = truth[:, 0], truth[:, 1], truth[:, 3]
    w = torch.ones_like(truth)
    closed, tucked, rounded = (-tuck).clamp(min=0), tuck.clamp(min=0), (-wide).clamp(min=0)
    w += resting(truth)[:, None]
    w[:, 0] += 3 * closed + tucked + rounded + resting(truth)
    w[:, 3] += 2 * closed + 2 * tucked
    w[:, 1] += 2 * rounded
    w[:, 4] += closed
    return w


@torch.no_grad()
def evaluate(net, data):
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
    rest = np.abs(predicted[quiet, 0])
    return r, closed, (rest < 0.05).mean(), np.percentile(rest, 95), rest.max(), np.abs(np.diff(predicted[:, 0])).mean()


def begun(source, data, starts):
    """An AudioNet that does what the one in an ONNX does."""
    some = np.random.default_rng(1).choice(starts, 2048)
    return stored.unfolded(stored.read(source)[0], AudioNet(), [(windows(data["mel"], s),) for s in np.array_split(some, 8)])


def main(workdir, steps=5000, source=None):
    torch.set_num_threads(1)
    folder = pathlib.Path(workdir)
    data = dict(np.load(folder / "audio-train.npz"))
    held = {v: dict(np.load(folder / f"audio-held-{v}.npz")) for v in ("slt", "awb", "room")}
    around = Surroundings(np.load(folder / "audio-room.npz"), GAP)
    usable = data["valid"].copy()
    usable[:-GAP] &= data["valid"][GAP:]
    usable[-GAP:] = False
    starts = np.flatnonzero(usable)
    deviation = torch.from_numpy(data["mouth"][starts[::7]].astype(np.float32).std(0))
    torch.manual_seed(3)
    net, mean = begun(source, data, starts) if source else AudioNet(), AudioNet()
    rate = 6e-4 if source else 2e-3
    mean.load_state_dict(net.state_dict())
    optimizer = torch.optim.AdamW(net.parameters(), rate, weight_decay=1e-3)
    done, path = 0, folder / "audio.pt"
    if path.exists():
        state = torch.load(path)
        net.load_state_dict(state["net"]), mean.load_state_dict(state["mean"]), optimizer.load_state_dict(state["optimizer"])
        done = state["step"]
    generator, rng = torch.Generator().manual_seed(100 + done), np.random.default_rng(100 + done)
    print("parameters", sum(p.numel() for p in net.parameters()), "windows", len(starts), "from step", done, flush=True)
    began, total, shown = time.time(), 0.0, done
    for step in range(done, steps):
        for group in optimizer.param_groups:
            group["lr"] = rate * min(1, (step + 1) / 200) * (0.5 + 0.5 * np.cos(np.pi * step / steps)) + 1e-5
        chosen = rng.choice(starts, PAIRS)
        both = np.concatenate([chosen, chosen + GAP])
        truth = torch.from_numpy(data["mouth"][both].astype(np.float32))
        x = windows(data["mel"], both)
        x, alone = around(*x.chunk(2), torch.from_numpy(data["level"][chosen].astype(np.float32)), generator)
        truth[alone.repeat(2)] = 0
        net.train()
        out = net(x)
        error = (((out - truth) / deviation) ** 2 * weights(truth)).mean()
        change = ((((out[PAIRS:] - out[:PAIRS]) - (truth[PAIRS:] - truth[:PAIRS])) / deviation) ** 2)[~alone].mean()
        rest = ((out.abs() - 0.01).clamp(min=0) / deviation * resting(truth)[:, None]).mean(0)
        loss = error + 0.3 * change + 0.45 * rest[0] + 0.15 * rest.sum()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        keep = min(0.998, (step + 1) / (step + 10))
        with torch.no_grad():
            for a, b in zip(mean.state_dict().values(), net.state_dict().values()):
                a.mul_(keep).add_(b, alpha=1 - keep) if a.is_floating_point() else a.copy_(b)
        total += loss.item()
        if (step + 1) % 250 == 0 or step + 1 == steps:
            print(f"{step + 1} loss {total / (step + 1 - shown):.4f} {(time.time() - began) / (step + 1 - done):.3f} s/step", flush=True)
            total, shown = 0.0, step + 1
            for voice, h in held.items():
                r, closed, shut, most, worst, move = evaluate(mean, h)
                print("  ", voice, " ".join(f"{p} {x:.3f}" for p, x in zip(PARAMS, r)), f"closed {closed:.2f} pauses {100 * shut:.1f} % < .05, 95 % < {most:.3f}, max {worst:.3f} move {move:.4f}", flush=True)
        if (step + 1) % 50 == 0 or step + 1 == steps:
            torch.save({"net": net.state_dict(), "mean": mean.state_dict(), "optimizer": optimizer.state_dict(), "step": step + 1}, f"{path}.new")
            os.replace(f"{path}.new", path)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:3]), *sys.argv[3:4])
