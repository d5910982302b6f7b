"""Stage 2: augmented mels and their mouth tracks.  `python3 audio_data.py WORKDIR [COPIES]`

Each utterance is taken COPIES times (default 3; the first copy of a flite voice is nearly clean) through
voice change (resampling), equaliser, room, band limit, noise and gain. Held-out utterances stay clean.
Writes WORKDIR/audio-train.npz and audio-held.npz: mel float16 [rows, 80] of all of them end to end,
mouth float16 [rows, 6] = the truth of the window that starts at this row, valid [rows] = a window may start here.
"""
import pathlib
import sys

import numpy as np
from scipy.signal import butter, fftconvolve, sosfilt

import mel as m
import visemes

_LATE = 0.005       # s: windows start at floor(3.2 n - 6.4) rows, so the picture is 0..10 ms later than the row says


def _noise(rng, n):
    """White, pink or hum, unit variance."""
    kind = rng.integers(3)
    spectrum = np.fft.rfft(rng.standard_normal(n))
    if kind:
        spectrum /= np.maximum(1, np.arange(len(spectrum))) ** (0.5 if kind == 1 else 1.0)
    x = np.fft.irfft(spectrum, n)
    if rng.random() < 0.5:                                            # comes and goes
        knots = rng.uniform(-9, 3, max(2, int(n / m.RATE * rng.uniform(0.5, 4))))
        x = x * 10 ** (np.interp(np.linspace(0, len(knots) - 1, n), np.arange(len(knots)), knots) / 20)
    return x / (x.std() + 1e-9)


def _breath(rng, n):
    """A puff of hiss of 0.15 to 0.4 s somewhere in n samples, peak about 1."""
    length = min(n, int(m.RATE * rng.uniform(0.15, 0.4)))
    low = rng.uniform(300, 1200)
    puff = sosfilt(butter(2, [low, rng.uniform(low * 2, 5500)], "band", fs=m.RATE, output="sos"), rng.standard_normal(length))
    out, at = np.zeros(n), rng.integers(0, n - length + 1)
    out[at: at + length] = puff / (np.abs(puff).max() + 1e-9) * np.hanning(length)
    return out


def _room(rng, x):
    n = int(m.RATE * rng.uniform(0.08, 0.4))
    tail = rng.standard_normal(n) * np.exp(-6.9 * np.arange(n) / n)
    tail[: int(m.RATE * 0.003)] = 0
    return x + rng.uniform(0.1, 0.6) * fftconvolve(x, tail / np.sqrt((tail ** 2).sum()))[: len(x)]


def _equalise(rng, x):
    """Smooth random response, +-6 dB."""
    spectrum = np.fft.rfft(x)
    knots = np.interp(np.linspace(0, 7, len(spectrum)), np.arange(8), rng.uniform(-6, 6, 8))
    return np.fft.irfft(spectrum * 10 ** (knots / 20), len(x))


def prepare(rng, pcm, phones, level):
    """One augmented copy -> (samples, phones, seconds). level 0: clean with silence around, 1: light, 2: all."""
    x = pcm.astype(np.float64) / 32768
    if level:
        factor = rng.uniform(0.93, 1.08) if level == 1 else rng.uniform(0.84, 1.2)
        n = int(len(x) / factor)
        x = np.interp(np.arange(n) * factor, np.arange(len(x)), x)
        phones = [(p, a / factor, b / factor) for p, a, b in phones]
    before, after = rng.uniform(0.25, 0.7, 2)
    lead, tail = np.zeros(int(before * m.RATE)), np.zeros(int(after * m.RATE))
    if level == 2 and rng.random() < 0.4:                             # breathing is not speaking
        lead = _breath(rng, len(lead)) * np.abs(x).max() * 10 ** (-rng.uniform(25, 45) / 20)
    if level == 2 and rng.random() < 0.3:
        tail = _breath(rng, len(tail)) * np.abs(x).max() * 10 ** (-rng.uniform(25, 45) / 20)
    x = np.concatenate([lead, x, tail])
    phones = [(p, a + before, b + before) for p, a, b in phones]
    if level:
        strong = level == 2
        if rng.random() < (0.6 if strong else 0.25):
            x = _equalise(rng, x)
        if rng.random() < (0.35 if strong else 0.12):
            x = _room(rng, x)
        if rng.random() < (0.3 if strong else 0.05):
            x = sosfilt(butter(4, rng.uniform(3300, 7000), fs=m.RATE, output="sos"), x)
        if rng.random() < (0.25 if strong else 0.05):
            x = sosfilt(butter(2, rng.uniform(80, 280), "high", fs=m.RATE, output="sos"), x)
        loud = np.sqrt((x ** 2).mean()) + 1e-9
        if rng.random() < (0.65 if strong else 0.35):
            x = x + _noise(rng, len(x)) * loud * 10 ** (-rng.uniform(12, 45) / 20)
        peak = np.abs(x).max() + 1e-9
        x = x / peak * 10 ** (rng.uniform(-20, 3 if strong else 0) / 20)
        x = np.clip(x, -1, 1)
    elif rng.random() < 0.5:
        x = x + _noise(rng, len(x)) * 10 ** (-rng.uniform(60, 90) / 20)
    return x, phones, len(x) / m.RATE


def stack(files, rng, copies, held):
    mels, mouths, valids = [], [], []
    for k, path in enumerate(files):
        u = np.load(path)
        phones = list(zip(u["phones"].tolist(), u["starts"].tolist(), u["ends"].tolist()))
        alphabet = str(u["alphabet"])
        for copy in range(copies):
            level = 0 if held else (min(copy, 2) if alphabet == "flite" else 2)
            x, moved, seconds = prepare(rng, u["pcm"], phones, level)
            rows = m.melspectrogram(x)
            truth = visemes.track(moved, alphabet, seconds + 1)
            when = np.arange(len(rows)) / m.ROWS_PER_SECOND - m.OFFSET_MS / 1000 + _LATE
            valid = np.arange(len(rows)) <= len(rows) - m.WINDOW
            mels.append(rows.astype(np.float16))
            mouths.append(visemes.at(truth, when).astype(np.float16))
            valids.append(valid)
        if k % 500 == 0:
            print(k, len(files), flush=True)
    return {"mel": np.concatenate(mels), "mouth": np.concatenate(mouths), "valid": np.concatenate(valids)}


def main(workdir, copies=3):
    folder = pathlib.Path(workdir)
    files = sorted((folder / "speech").glob("*.npz"))
    for voice in ("slt", "awb"):
        held = [f for f in files if f.name.startswith(f"held-{voice}")]
        np.savez(folder / f"audio-held-{voice}.npz", **stack(held, np.random.default_rng(5), 1, True))
    train = [f for f in files if not f.name.startswith("held-")]
    data = stack(train, np.random.default_rng(11), copies, False)
    print("rows", data["mel"].shape, "windows", int(data["valid"].sum()))
    np.savez(folder / "audio-train.npz", **data)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
