"""Stage 2: augmented mels and their mouth tracks.  `python3 audio_data.py WORKDIR [COPIES]`

Each utterance is taken COPIES times (default 3; the first copy of a flite voice is nearly clean) through
pauses, voice change (resampling), emphasis, equaliser, echo, breath, clicks, noise, codec and gain (room.py).
Held-out utterances stay clean; voice awb's are taken in noisy rooms once more.
Writes WORKDIR/audio-train.npz and audio-held-slt|awb|room.npz: mel float16 [rows, 80] of all of them end to end,
mouth float16 [rows, 6] = the truth of the window that starts at this row, valid [rows] = a window may start here,
level float16 [rows] = how loud this utterance speaks, dBFS (RMS without its pauses).

And WORKDIR/audio-room.npz, to be mixed under the windows while training (surroundings.py): noise float16
[clips, rows, 80] at 0 dBFS RMS; events float16 [rows, 80], breath and clicks with peaks at 0 dBFS and silence between.
"""
import pathlib
import sys

import numpy as np
from scipy.signal import butter, sosfilt

import mel as m
import room
import visemes

_LATE = 0.005       # s: windows start at floor(3.2 n - 6.4) rows, so the picture is 0..10 ms later than the row says


def _equalise(rng, x):
    """Smooth random response, +-6 dB."""
    spectrum = np.fft.rfft(x)
    knots = np.interp(np.linspace(0, 7, len(spectrum)), np.arange(8), rng.uniform(-6, 6, 8))
    return np.fft.irfft(spectrum * 10 ** (knots / 20), len(x))


def _pauses(rng, x, phones, alphabet):
    """Longer pauses, 0.3 to 3 s, where the voice makes a short one; half of them."""
    spoken = [(a, b) for p, a, b in phones if any(v != "sil" for v in visemes.visemes_of(p, alphabet) or [])]
    for (_, end), (start, _) in reversed(list(zip(spoken, spoken[1:]))):
        if start - end > 0.06 and rng.random() < 0.5:
            at, longer = (start + end) / 2, rng.uniform(0.3, 1) if rng.random() < 0.7 else rng.uniform(1, 3)
            k = int(at * m.RATE)
            x = np.concatenate([x[:k], np.zeros(int(longer * m.RATE)), x[k:]])
            phones = [(p, a + longer if a >= at else a, b + longer if b > at else b) for p, a, b in phones]
    return x, phones


def _beside(rng, x, phones, alphabet, peak):
    """Breath and clicks at 18 to 42 dB under the peak of the speech, in its pauses."""
    spoken = [(a, b) for p, a, b in phones if any(v != "sil" for v in visemes.visemes_of(p, alphabet) or [])]
    edges = [(0, spoken[0][0])] + [(b, c) for (_, b), (c, _) in zip(spoken, spoken[1:])] + [(spoken[-1][1], len(x) / m.RATE)]
    x = x.copy()
    for start, end in edges:
        while end - start > 0.12 and rng.random() < 0.6:
            puff = room.event(rng)[: int((end - start) * m.RATE)]
            at = int(start * m.RATE) + rng.integers(0, int((end - start) * m.RATE) - len(puff) + 1)
            puff = puff[: len(x) - at]
            x[at: at + len(puff)] += puff * peak * 10 ** (-rng.uniform(18, 42) / 20)
    return x


def prepare(rng, pcm, phones, alphabet, level):
    """One augmented copy -> (samples, phones, seconds, dBFS of the speech). level 0: clean with silence around, 1: light, 2: all."""
    x = pcm.astype(np.float64) / 32768
    strong = level == 2
    if level:
        factor = rng.uniform(0.84, 1.2) if strong else rng.uniform(0.93, 1.08)
        n = int(len(x) / factor)
        x = np.interp(np.arange(n) * factor, np.arange(len(x)), x)
        phones = [(p, a / factor, b / factor) for p, a, b in phones]
        x, phones = _pauses(rng, x, phones, alphabet)
    longest = 1.2 if level else 0.7
    before, after = rng.uniform(0.25, longest, 2)
    x = np.concatenate([np.zeros(int(before * m.RATE)), x, np.zeros(int(after * m.RATE))])
    phones = [(p, a + before, b + before) for p, a, b in phones]
    loud = lambda: 10 * np.log10(np.mean(np.square(x)[np.abs(x) > 0.02 * np.abs(x).max()]) + 1e-9)
    if level:
        maybe = lambda s, light: rng.random() < (s if strong else light)
        if maybe(0.5, 0.2):                                           # some syllables are said louder
            x = x * room.drift(rng, len(x), 5, 3)
        if maybe(0.6, 0.25):
            x = _equalise(rng, x)
        if maybe(0.5, 0.15):
            x = room.echo(rng, x)
        speech, peak = 10 ** (loud() / 20), np.abs(x).max() + 1e-9
        if maybe(0.6, 0.25):
            x = _beside(rng, x, phones, alphabet, peak)
        if maybe(0.55, 0.3):
            x = x + room.noise(rng, len(x)) * speech * 10 ** (-rng.uniform(15, 50) / 20)
        if maybe(0.25, 0.05):
            x = room.codec(rng, x)
        if maybe(0.25, 0.05):
            x = sosfilt(butter(2, rng.uniform(80, 280), "high", fs=m.RATE, output="sos"), x)
        x = x / (np.abs(x).max() + 1e-9) * 10 ** (rng.uniform(-25, 2 if strong else -1) / 20)
        x = np.clip(x, -1, 1)
    elif rng.random() < 0.5:
        x = x + room.noise(rng, len(x)) * 10 ** (-rng.uniform(60, 90) / 20)
    return x, phones, len(x) / m.RATE, loud()


def stack(files, rng, copies, held):
    """held: False for training, 0 clean, 2 as in a real room."""
    mels, mouths, valids, levels = [], [], [], []
    for k, path in enumerate(files):
        u = np.load(path)
        phones = list(zip(u["phones"].tolist(), u["starts"].tolist(), u["ends"].tolist()))
        alphabet = str(u["alphabet"])
        for copy in range(copies):
            level = held if held is not False else (min(copy, 2) if alphabet == "flite" else 2)
            x, moved, seconds, loud = prepare(rng, u["pcm"], phones, alphabet, level)
            rows = m.melspectrogram(x)
            truth = visemes.track(moved, alphabet, seconds + 1)
            when = np.arange(len(rows)) / m.ROWS_PER_SECOND - m.OFFSET_MS / 1000 + _LATE
            valid = np.arange(len(rows)) <= len(rows) - m.WINDOW
            mels.append(rows.astype(np.float16))
            mouths.append(visemes.at(truth, when).astype(np.float16))
            valids.append(valid)
            levels.append(np.full(len(rows), loud, np.float16))
        if k % 500 == 0:
            print(k, len(files), flush=True)
    return {"mel": np.concatenate(mels), "mouth": np.concatenate(mouths), "valid": np.concatenate(valids), "level": np.concatenate(levels)}


def beside(rng, clips=700, seconds=4):
    """The bank of what is mixed in while training."""
    tone = [m.melspectrogram(room.noise(rng, seconds * m.RATE) * 0.03)[2:-2] for _ in range(clips)]
    events = []
    for _ in range(3 * clips):
        gap = lambda: np.zeros(int(m.RATE * rng.uniform(0.05, 0.3)))
        events += [gap(), room.event(rng) * 0.5, gap()]
    up = lambda rows, gain: (rows - 8 / 100 * 20 * np.log10(gain)).astype(np.float16)
    return {"noise": up(np.stack(tone), 0.03), "events": up(m.melspectrogram(np.concatenate(events)), 0.5)}


def main(workdir, copies=3):
    folder = pathlib.Path(workdir)
    files = sorted((folder / "speech").glob("*.npz"))
    for voice in ("slt", "awb"):
        held = [f for f in files if f.name.startswith(f"held-{voice}")]
        np.savez(folder / f"audio-held-{voice}.npz", **stack(held, np.random.default_rng(5), 1, 0))
    np.savez(folder / "audio-held-room.npz", **stack(held, np.random.default_rng(17), 2, 2))
    np.savez(folder / "audio-room.npz", **beside(np.random.default_rng(13)))
    train = [f for f in files if not f.name.startswith("held-")]
    data = stack(train, np.random.default_rng(11), copies, False)
    print("rows", data["mel"].shape, "windows", int(data["valid"].sum()))
    np.savez(folder / "audio-train.npz", **data)


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
