"""What a recording holds beside the voice: the noise of rooms and devices, breath, lips, keys, echo, codecs.

All are made here and keep the mouth closed; levels are left to who mixes them in.
"""
import numpy as np
from scipy.signal import butter, fftconvolve, sosfilt

import mel as m


def _shape(rng, x, low, high):
    return sosfilt(butter(rng.integers(1, 4), [low, min(high, 7800)], "band", fs=m.RATE, output="sos"), x)


def drift(rng, n, depth, per_second):
    """Slowly changing gain, `depth` dB up and down."""
    knots = rng.uniform(-depth, depth, max(2, int(n / m.RATE * per_second) + 2))
    return 10 ** (np.interp(np.linspace(0, len(knots) - 1, n), np.arange(len(knots)), knots) / 20)


def colour(rng, x, tilt=None):
    """x with its spectrum tilted (0 white, -3 pink, -6 brown, dB per octave) and bent at random."""
    spectrum = np.fft.rfft(x)
    hz = np.maximum(20, np.arange(len(spectrum)) * m.RATE / len(x))
    tilt = rng.uniform(-8, 1.5) if tilt is None else tilt
    knots = np.interp(np.log(hz), np.log(np.geomspace(20, 8000, 10)), rng.uniform(-7, 7, 10))
    return np.fft.irfft(spectrum * 10 ** ((tilt * np.log2(hz / 1000) + knots) / 20), len(x))


def hum(rng, n):
    """Mains or a motor with harmonics."""
    t, base = np.arange(n) / m.RATE, rng.choice([50, 60, 100, 120, rng.uniform(70, 400)])
    x = np.zeros(n)
    for k in range(1, rng.integers(3, 20)):
        if base * k < 7500:
            x += rng.uniform(0, 1) / k ** rng.uniform(0.3, 1.6) * np.sin(2 * np.pi * (base * k * t + rng.uniform()))
    return x / (x.std() + 1e-9)


def noise(rng, n):
    """Stationary or slowly changing, of one to three sources: hiss, room tone, rumble, hum, fan. Unit variance."""
    x = np.zeros(n)
    for _ in range(rng.choice([1, 1, 2, 2, 3])):
        kind, white = rng.integers(6), rng.standard_normal(n)
        if kind == 0:
            part = hum(rng, n) + rng.uniform(0, 0.7) * colour(rng, white) / 3
        elif kind == 1:                                               # a fan: one broad band, beating with its blades
            low = rng.uniform(60, 1500)
            blades = 1 + rng.uniform(0, 0.6) * np.sin(2 * np.pi * rng.uniform(3, 40) * np.arange(n) / m.RATE)
            part = _shape(rng, white, low, low * rng.uniform(2, 8)) * blades
        elif kind == 2:                                               # hiss
            part = colour(rng, white, rng.uniform(-1, 4))
        else:
            part = colour(rng, white)
        part = part / (part.std() + 1e-9)
        x += part * 10 ** (rng.uniform(-15, 0) / 20)
    if rng.random() < 0.6:
        x = x * drift(rng, n, rng.uniform(1, 6), rng.uniform(0.5, 4))
    return x / (x.std() + 1e-9)


def breath(rng, seconds=None):
    """A puff in or out of 0.15 to 0.6 s, peak 1: noise through a throat that changes a little on the way."""
    n = int(m.RATE * (seconds or rng.uniform(0.15, 0.6)))
    white, low = rng.standard_normal(n), rng.uniform(200, 1500)
    x = _shape(rng, white, low, rng.uniform(low * 2, 7500))
    for _ in range(rng.integers(0, 3)):                               # and through its resonances
        centre = rng.uniform(500, 4500)
        part = _shape(rng, white, centre * 0.88, centre * 1.12)
        x = x + part * x.std() / (part.std() + 1e-9) * np.linspace(*rng.uniform(0.2, 1.2, 2), n)
    rise = rng.uniform(0.01, 0.1) if rng.random() < 0.35 else rng.uniform(0.1, 0.8)       # what a last consonant lets go of is sudden; air drawn in is slow
    t = np.linspace(0, 1, n)
    x = x * np.minimum(np.sin(np.pi / 2 * np.minimum(1, t / rise)), np.cos(np.pi / 2 * np.maximum(0, (t - rise) / (1 - rise)))) ** rng.uniform(0.7, 2)
    return x / (np.abs(x).max() + 1e-9)


def click(rng):
    """Lips parting, a key, a mouse, a chair: one to four short bursts, peak 1."""
    x = np.zeros(int(m.RATE * rng.uniform(0.03, 0.25)))
    for _ in range(rng.integers(1, 5)):
        n = int(m.RATE * rng.uniform(0.002, 0.03))
        burst = rng.standard_normal(n) * np.exp(-rng.uniform(3, 8) * np.arange(n) / n)
        low = rng.uniform(80, 2500)
        burst = _shape(rng, burst, low, low * rng.uniform(1.5, 6))
        at = rng.integers(0, max(1, len(x) - n))
        x[at: at + n] += burst[: len(x) - at] / (np.abs(burst).max() + 1e-9) * rng.uniform(0.3, 1)
    return x / (np.abs(x).max() + 1e-9)


def event(rng):
    """Anything short that is not speech, peak 1: breath, a click, or lips that part and then breathe in."""
    kind = rng.random()
    if kind < 0.25:
        return click(rng)
    puff = breath(rng)
    if kind > 0.6:
        smack, early = click(rng), int(m.RATE * rng.uniform(0, 0.1))
        x = np.zeros(max(len(smack), early + len(puff)))
        x[early: early + len(puff)] = puff
        x[: len(smack)] += smack * 10 ** (rng.uniform(-10, 6) / 20)
        puff = x / (np.abs(x).max() + 1e-9)
    return puff


def echo(rng, x):
    """A room with 0.1 to 0.8 s of reverberation: a few early reflections and a tail that gets duller."""
    seconds = rng.uniform(0.1, 0.8)
    n = int(m.RATE * seconds)
    fall = np.exp(-6.9 * np.arange(n) / n)
    tail = rng.standard_normal(n) * fall
    dull = sosfilt(butter(1, rng.uniform(800, 4000), fs=m.RATE, output="sos"), tail)
    tail = tail * fall + dull
    tail[: int(m.RATE * rng.uniform(0.002, 0.02))] = 0
    tail /= np.sqrt((tail ** 2).sum()) + 1e-9
    for at in rng.integers(int(m.RATE * 0.001), int(m.RATE * 0.03), 4):
        tail[min(at, n - 1)] += rng.uniform(-0.4, 0.4)
    return x + rng.uniform(0.08, 0.7) * fftconvolve(x, tail)[: len(x)]


def codec(rng, x):
    """Band limits of telephones and conferences, sometimes with eight bits."""
    top = rng.choice([3400, 4000, 5500, 7000]) * rng.uniform(0.95, 1.05)
    x = sosfilt(butter(6, top, fs=m.RATE, output="sos"), x)
    if rng.random() < 0.3:                                            # mu-law
        peak = np.abs(x).max() + 1e-9
        small = np.round(np.log1p(255 * np.abs(x) / peak) / np.log(256) * 127) / 127
        x = np.sign(x) * (np.expm1(small * np.log(256)) / 255) * peak
    return x
