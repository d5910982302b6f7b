"""Phonemes with times -> six mouth parameters at 100 Hz (the table is ../visemes.json).

Each phoneme is a step with a target and a weight per parameter. Both steps are
blurred with a Gaussian; the quotient is the mouth. A heavy weight (the closure
of /m/) pulls its neighbours, a light one (/h/) takes their shape.
"""
import json
import pathlib
import unicodedata

import numpy as np
from scipy.ndimage import gaussian_filter1d

TABLE = json.loads((pathlib.Path(__file__).parents[1] / "visemes.json").read_text())
PARAMS = TABLE["params"]
STEP = 0.01                       # seconds between two rows of a track
_FINE = 0.0025                    # resolution of the steps before the blur
_MIN_CLOSURE = 0.07               # s: a shorter /p b m/ is lengthened into its left neighbour


def visemes_of(phone, alphabet):
    """Viseme names of one phoneme, in order. Unknown symbols raise KeyError."""
    table = TABLE[alphabet]
    if alphabet == "flite":
        return table[phone].split()
    if alphabet == "festival":
        return table[phone.rstrip("1:")].split()
    names = []
    for char in unicodedata.normalize("NFC", phone):
        if char in table:
            names.append(table[char])
        elif not (unicodedata.category(char) in ("Lm", "Mn", "Sk", "Po", "Cf", "Pd") or char.isdigit() or char in "|-;~^_!?'"):
            raise KeyError(f"no viseme for {char!r} in {phone!r}")
    return names


def segments(phones, alphabet):
    """[(phone, start, end)] seconds -> [(viseme, start, end)], diphthongs split, short closures lengthened."""
    out = []
    for phone, start, end in phones:
        names = visemes_of(phone, alphabet) or []
        if not names:
            continue
        for k, name in enumerate(names):
            out.append([name, start + (end - start) * k / len(names), start + (end - start) * (k + 1) / len(names)])
    for k in range(1, len(out)):
        if out[k][0] == "PP" and (missing := _MIN_CLOSURE - (out[k][2] - out[k][1])) > 0:
            before = out[k - 1]
            taken = min(missing, (before[2] - before[1]) * 0.4)
            before[2] -= taken
            out[k][1] -= taken
    return [tuple(s) for s in out]


def track(phones, alphabet, seconds):
    """float32 [seconds * 100 + 1, 6]: row k is the mouth at 10 k ms. Outside of all phonemes: silence."""
    n = int(round(seconds / _FINE)) + 1
    sil = TABLE["visemes"]["sil"]
    target = np.tile(np.array(sil["target"], np.float64), (n, 1))
    weight = np.tile(np.array(sil["weight"], np.float64), (n, 1))
    for name, start, end in segments(phones, alphabet):
        viseme = TABLE["visemes"][name]
        a, b = int(round(start / _FINE)), int(round(end / _FINE))
        target[a:b] = viseme["target"]
        weight[a:b] = viseme["weight"]
    out = np.empty((n, len(PARAMS)))
    for k, sigma in enumerate(TABLE["sigma_ms"]):
        blur = sigma / 1000 / _FINE
        out[:, k] = gaussian_filter1d(target[:, k] * weight[:, k], blur, mode="nearest") / gaussian_filter1d(weight[:, k], blur, mode="nearest")
    return out[:: int(round(STEP / _FINE))].astype(np.float32)


def at(rows, seconds):
    """Rows of a track at the given times (array of seconds), linearly interpolated."""
    x = np.clip(np.asarray(seconds) / STEP, 0, len(rows) - 1.001)
    k = x.astype(int)
    f = (x - k)[:, None].astype(np.float32)
    return rows[k] * (1 - f) + rows[k + 1] * f
