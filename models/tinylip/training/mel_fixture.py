"""A reference for other implementations of the mel.  `python3 mel_fixture.py OUT.json`

JSON: samples = base64 int16 little endian at 16 kHz (16640 of them: 1.04 s), rows = 84,
mel = base64 float32 [84, 80] of samples / 32768; a chirp with steps, clicks, noise and digital silence.
"""
import base64
import json
import sys

import numpy as np

import mel


def main(target):
    n = np.arange(16640)
    rng = np.random.default_rng(1)
    voice = sum(np.sin(2 * np.pi * k * (110 + 40 * n / 16640) * n / 16000) / k for k in range(1, 40))
    x = 0.12 * voice * (0.5 + 0.5 * np.sin(2 * np.pi * 4 * n / 16000)) + 0.003 * rng.standard_normal(len(n))
    x[3000:5000] = 0
    x[9000:9003] = [0.9, -0.9, 0.5]
    x[12000:13500] = 0.2 * rng.standard_normal(1500)
    pcm = np.clip(np.round(x * 32768), -32768, 32767).astype("<i2")
    rows = mel.melspectrogram(pcm.astype(np.float32) / 32768)
    text = lambda a: base64.b64encode(a.tobytes()).decode()
    json.dump({"rate": 16000, "samples": text(pcm), "rows": len(rows), "bands": 80, "mel": text(rows.astype("<f4"))}, open(target, "w"))
    print(rows.shape, rows.min(), rows.max())


if __name__ == "__main__":
    main(sys.argv[1])
