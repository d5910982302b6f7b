"""Stage 1: speech with phoneme times, from flite, Festival and eSpeak NG.  `python3 speech.py WORKDIR [SHARE] [ENGINE]`

SHARE (default 1) of the utterances of each voice: to go on training, .4 will do.
Writes WORKDIR/speech/NAME.npz: pcm int16 16 kHz, phones, starts, ends (s), alphabet, voice.
Flite voices: slt (the product's default) in bulk, rms and kal; awb is held out for the gates.
"""
import ctypes
import os
import pathlib
import random
import subprocess
import sys
import wave

import numpy as np
from scipy.signal import resample_poly

import sentences
import visemes

HELD_OUT_VOICE = "awb"


def flite(text, voice, path, stretch=1.0, pitch=None):
    """-> (int16 at 16 kHz, [(phone, start, end)])"""
    command = ["flite", "-voice", voice, "--setf", f"duration_stretch={stretch:.3f}"]
    if pitch:
        command += ["--setf", f"int_f0_target_mean={pitch:.0f}"]
    said = subprocess.run([*command, "-psdur", "-t", text, "-o", str(path)], capture_output=True, text=True, check=True).stdout
    with wave.open(str(path)) as f:
        rate, pcm = f.getframerate(), np.frombuffer(f.readframes(f.getnframes()), np.int16)
    phones, at = [], 0.0
    for item in said.split():
        name, end = item.rsplit(":", 1)
        phones.append((name, at, float(end)))
        at = float(end)
    return to_16k(pcm, rate), phones


def festival(texts, voice, folder):
    """All texts in one process; yields (int16 at 16 kHz, [(phone, start, end)]), None for a text it could not say."""
    path = lambda k: folder / f"tmp-{voice}-{k}.wav"
    script = [f"(voice_{voice})"]
    for k, text in enumerate(texts):
        script.append(f"""(set! u (utt.synth (Utterance Text "{text}")))
(utt.save.wave u "{path(k)}" 'riff)
(format t "\\nUTT {k}")
(mapcar (lambda (s) (format t " %s=%f" (item.name s) (item.feat s "end"))) (utt.relation.items u 'Segment))
""")
    said = subprocess.run(["festival", "--pipe"], input="\n".join(script).encode("latin-1", "ignore"), capture_output=True).stdout.decode("latin-1")
    lines = {int(line.split()[1]): line.split()[2:] for line in said.splitlines() if line.startswith("UTT ")}
    for k in range(len(texts)):
        if k not in lines or not path(k).exists():
            yield None
            continue
        with wave.open(str(path(k))) as f:
            pcm = to_16k(np.frombuffer(f.readframes(f.getnframes()), np.int16), f.getframerate())
        path(k).unlink()
        phones, at = [], 0.0
        for item in lines[k]:
            name, end = item.rsplit("=", 1)
            phones.append((name, at, float(end)))
            at = float(end)
        yield pcm, phones


def to_16k(pcm, rate):
    if rate == 16000:
        return pcm
    g = np.gcd(rate, 16000)
    return np.clip(resample_poly(pcm.astype(np.float32), 16000 // g, rate // g), -32768, 32767).astype(np.int16)


class Espeak:
    """libespeak-ng through ctypes: samples and IPA phoneme events in one pass."""

    class _Event(ctypes.Structure):
        class _Id(ctypes.Union):
            _fields_ = [("number", ctypes.c_int), ("name", ctypes.c_char_p), ("string", ctypes.c_char * 8)]
        _fields_ = [("type", ctypes.c_int), ("unique", ctypes.c_uint), ("text_position", ctypes.c_int), ("length", ctypes.c_int),
                    ("audio_position", ctypes.c_int), ("sample", ctypes.c_int), ("user_data", ctypes.c_void_p), ("id", _Id)]

    def __init__(self):
        self._lib = ctypes.CDLL("libespeak-ng.so.1")
        self.rate = self._lib.espeak_Initialize(2, 500, None, 3)      # synchronous, phoneme events as IPA
        kind = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.POINTER(ctypes.c_short), ctypes.c_int, ctypes.POINTER(self._Event))
        self._callback = kind(self._take)
        self._lib.espeak_SetSynthCallback(self._callback)

    def _take(self, samples, count, events):
        if samples and count > 0:
            self._pcm.append(np.ctypeslib.as_array(samples, (count,)).copy())
        k = 0
        while events[k].type:
            if events[k].type == 7:
                self._events.append((events[k].id.string.decode("utf-8", "ignore"), events[k].audio_position / 1000))
            k += 1
        return 0

    def say(self, text, voice, rate, pitch, pitch_range):
        """-> (int16 at 16 kHz, [(ipa, start, end)])"""
        self._pcm, self._events = [], []
        if self._lib.espeak_SetVoiceByName(voice.encode()) != 0:
            raise ValueError(f"no eSpeak voice {voice}")
        for parameter, value in ((1, rate), (3, pitch), (4, pitch_range)):
            self._lib.espeak_SetParameter(parameter, value, 0)
        data = text.encode()
        self._lib.espeak_Synth(data, len(data) + 1, 0, 0, 0, 1, None, None)
        pcm = np.concatenate(self._pcm)
        ends = [at for _, at in self._events[1:]] + [len(pcm) / self.rate]
        phones = [(name, at, end) for (name, at), end in zip(self._events, ends) if end > at and name.strip("_: ") and not name.startswith("(")]   # "(en)" marks a change of language
        return to_16k(pcm, self.rate), phones


def save(folder, name, pcm, phones, alphabet, voice, text):
    visemes.segments(phones, alphabet)                                # every symbol must be known
    np.savez(folder / f"{name}.npz", pcm=pcm, phones=[p[0] for p in phones], starts=[p[1] for p in phones],
             ends=[p[2] for p in phones], alphabet=alphabet, voice=voice, text=text)


def flite_voices(folder, share):
    wav = folder / f"tmp{os.getpid()}.wav"
    for voice, count, seed in (("slt", 900, 1), ("rms", 260, 2), ("kal", 120, 3), ("kal16", 120, 4)):
        for k, text in enumerate(sentences.english(round(count * share), seed)):
            rng = random.Random(f"{voice}{k}")
            stretch = rng.choice([0.8, 0.9, 1, 1, 1, 1.1, 1.25]) if voice == "slt" else rng.uniform(0.75, 1.3)
            pitch = None if voice == "slt" and k % 3 else {"slt": 170, "rms": 100}.get(voice, 105) * rng.uniform(0.8, 1.3)
            save(folder, f"flite-{voice}-{k:04}", *flite(text, voice, wav, stretch, pitch), "flite", voice, text)
    for voice in ("slt", HELD_OUT_VOICE):
        for k, text in enumerate(sentences.held_out()):
            save(folder, f"held-{voice}-{k:04}", *flite(text, voice, wav), "flite", voice, text)
    wav.unlink()


def festival_voices(folder, share):
    plain, finnish = ("bpmfvtdnlrskgjz", "aeiou"), ("ppmvtdnlrskhj", "aeiouy")
    for voice, alphabet, texts in (
        ("ked_diphone", "flite", sentences.english(150, 31)),
        ("lp_diphone", "festival", sentences.foreign("it", 120, 32) + sentences.syllables(*plain, 80, 32)),
        ("pc_diphone", "festival", sentences.foreign("it", 80, 33) + sentences.syllables(*plain, 40, 33)),
        ("czech_dita", "festival", sentences.syllables(*plain, 200, 34)),
        ("czech_ph", "festival", sentences.syllables(*plain, 100, 35)),
        ("suo_fi_lj_diphone", "festival", sentences.syllables(*finnish, 170, 36)),
        ("hy_fi_mv_diphone", "festival", sentences.syllables(*finnish, 120, 37)),
        ("upc_ca_ona_hts", "festival", sentences.syllables(*plain, 180, 38)),
    ):
        texts = texts[::round(1 / share)]
        for k, (text, made) in enumerate(zip(texts, festival(texts, voice, folder))):
            try:
                if made:
                    save(folder, f"festival-{voice}-{k:04}", *made, alphabet, voice, text)
            except KeyError as error:
                print(f"left out festival-{voice}-{k:04}: {error}")


def espeak_voices(folder, share):
    espeak = Espeak()
    variants = ["", "+m1", "+m2", "+m3", "+m4", "+m5", "+m6", "+m7", "+m8", "+f1", "+f2", "+f3", "+f4", "+f5", "+klatt", "+klatt2", "+klatt3", "+klatt4"]
    for language, voices, count in (("en", ["en-us", "en-gb-x-rp", "en-gb-scotland"], 450), ("de", ["de"], 110), ("es", ["es"], 110), ("it", ["it"], 110), ("fr", ["fr"], 110)):
        count = round(count * share)
        texts = sentences.english(count, 5) if language == "en" else sentences.foreign(language, count, 6)
        for k, text in enumerate(texts):
            rng = random.Random(f"{language}{k}")
            voice = rng.choice(voices) + rng.choice(variants)
            try:
                pcm, phones = espeak.say(text, voice, rng.randint(120, 210), rng.randint(20, 85), rng.randint(25, 75))
                save(folder, f"espeak-{language}-{k:04}", pcm, phones, "ipa", voice, text)
            except (KeyError, ValueError) as error:
                print(f"left out espeak-{language}-{k:04}: {error}")


def main(workdir, share="1", only=""):
    folder = pathlib.Path(workdir) / "speech"
    folder.mkdir(parents=True, exist_ok=True)
    for engine in (flite_voices, festival_voices, espeak_voices):
        if engine.__name__.startswith(only):
            engine(folder, float(share))


if __name__ == "__main__":
    main(*sys.argv[1:])
