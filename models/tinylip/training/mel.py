"""The mel spectrogram of the wav2lip family, in numpy.

16 kHz, pre-emphasis .97, 800-point periodic Hann STFT with hop 200, centred with
zero padding, magnitude, 80 Slaney mel bands between 55 and 7600 Hz, decibels
with a floor of -100 dB and a reference of 20 dB, scaled to [-4, 4].
One row per 12.5 ms; row k is centred on sample 200 k.
"""
import numpy as np

RATE, N_FFT, HOP, BANDS = 16000, 800, 200, 80
ROWS_PER_SECOND = RATE // HOP
WINDOW = 16                      # rows of one network input: 200 ms
OFFSET_MS = -80                  # the window of the picture at t is [t-80, t+120) ms


def _hz_to_mel(hz):
    """Slaney's scale: linear to 1 kHz, logarithmic above."""
    hz = np.asarray(hz, np.float64)
    return np.where(hz < 1000, hz * 3 / 200,
                    15 + np.log(np.maximum(hz, 1e-9) / 1000) * 27 / np.log(6.4))


def _mel_to_hz(mel):
    mel = np.asarray(mel, np.float64)
    return np.where(mel < 15, mel * 200 / 3, 1000 * np.exp((mel - 15) * np.log(6.4) / 27))


def filters():
    """[80, 401] triangular filters of equal area."""
    edges = _mel_to_hz(np.linspace(_hz_to_mel(55), _hz_to_mel(7600), BANDS + 2))
    bins = np.arange(N_FFT // 2 + 1) * RATE / N_FFT
    rise = (bins[None] - edges[:-2, None]) / (edges[1:-1] - edges[:-2])[:, None]
    fall = (edges[2:, None] - bins[None]) / (edges[2:] - edges[1:-1])[:, None]
    return np.maximum(0, np.minimum(rise, fall)) * (2 / (edges[2:] - edges[:-2]))[:, None]


_FILTERS = filters().astype(np.float32)
_HANN = (0.5 - 0.5 * np.cos(2 * np.pi * np.arange(N_FFT) / N_FFT)).astype(np.float32)


def melspectrogram(samples):
    """float samples in [-1, 1] at 16 kHz -> float32 [rows, 80], rows = 1 + n // 200."""
    x = np.asarray(samples, np.float32)
    x = np.concatenate([x[:1], x[1:] - np.float32(0.97) * x[:-1]])
    x = np.pad(x, N_FFT // 2)
    rows = 1 + (len(x) - N_FFT) // HOP
    frames = np.lib.stride_tricks.as_strided(x, (rows, N_FFT), (x.strides[0] * HOP, x.strides[0]))
    magnitude = np.abs(np.fft.rfft(frames * _HANN, axis=1)).astype(np.float32)
    level = 20 * np.log10(np.maximum(1e-5, magnitude @ _FILTERS.T)) - 20
    return np.clip(8 * (level + 100) / 100 - 4, -4, 4).astype(np.float32)


def window_start(frame):
    """First row of the window of video frame `frame` (25 fps); may be negative: rows of silence."""
    return int(np.floor((frame * 40 + OFFSET_MS) * ROWS_PER_SECOND / 1000 + 1e-9))
