"""Mouths of connected speech for face_data.py, without the sound.  `python3 tracks.py WORKDIR [SENTENCES]`

Writes WORKDIR/tracks.npy float32 [n, 6], what the phonemes of flite's voices ask for, every 20 ms.
"""
import pathlib
import sys

import numpy as np

import sentences
import speech
import visemes


def main(workdir, count=120):
    folder, rows = pathlib.Path(workdir), []
    for k, text in enumerate(sentences.english(count, 41)):
        _, phones = speech.flite(text, ("slt", "rms", "kal")[k % 3], folder / "track.wav", stretch=(0.85, 1.0, 1.2)[k % 3])
        rows.append(visemes.track(phones, "flite", phones[-1][2])[::2])
    (folder / "track.wav").unlink()
    np.save(folder / "tracks.npy", np.concatenate(rows))
    print(sum(map(len, rows)), "mouths")


if __name__ == "__main__":
    main(sys.argv[1], *map(int, sys.argv[2:]))
