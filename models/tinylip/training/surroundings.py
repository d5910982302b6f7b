"""The room around each training window: cheap augmentation among mels, other in every batch.

A mel is 12.5 dB per unit, so sounds that have nothing to do with each other add up as powers.
"""
import torch

import mel as m

_DB = 0.08                        # one dB in a mel


def _add(a, b):
    return 0.8 * torch.log10(10 ** (1.25 * a) + 10 ** (1.25 * b))


class Surroundings:
    """`bank` is audio-room.npz, `gap` the rows between the windows of a pair."""

    def __init__(self, bank, gap):
        self._noise, self._events = torch.from_numpy(bank["noise"]), torch.from_numpy(bank["events"])
        self._gap = gap

    def __call__(self, a, b, level, generator):
        """Two windows [n, 1, 80, 16] of each pair, dBFS [n] of their speech -> ([2n, ...], bool [n]: nobody is heard, so the mouth is closed)."""
        n = len(a)
        rand = lambda *shape: torch.rand(*shape, generator=generator)
        column = lambda values: values[:, None, None, None]
        x = torch.cat([self._throat(part, factor) for factor in [torch.where(rand(n) < 0.5, 0.9 + 0.22 * rand(n), torch.ones(n))] for part in (a, b)])
        both = lambda values: values.repeat(2, *[1] * (values.dim() - 1))
        # how loud, and of which colour
        gain = (rand(n) - 0.6) * 12.5
        gain = torch.maximum(gain, -35 - level)                       # quieter is not told from breath
        kind = rand(n)
        far, alone = kind < 0.1, kind > 0.86
        gain = torch.where(far, -75 + 27 * rand(n) - level, gain)      # so quiet that it is not this speaker
        level = level + gain
        band = torch.linspace(-1, 1, 80)[None, None, :, None]
        x = x + both(column(gain) * _DB + (column(rand(n)) - 0.5) * band * 0.8)
        x[both(alone)] = -4.0
        centre, width = column(rand(n)) * 2 - 1, column(rand(n)) * 0.12 * (column(rand(n)) < 0.25)
        x = torch.where(both((band - centre).abs() < width), torch.full_like(x, -3.0).minimum(x), x)
        # the room's own noise, and what happens in it
        hushed = far | alone
        under = torch.where(hushed, torch.full((n,), -32.0), level - 12 - 33 * rand(n))
        noise = torch.minimum(-75 + 43 * rand(n), under)
        noise = torch.where(rand(n) < 0.65, noise, torch.full((n,), -150.0))
        x = _add(x, torch.cat(self._tone(n, generator)) + both(column(noise) * _DB))
        puff = torch.where(hushed, -55 + 37 * rand(n), (level - 10 - 30 * rand(n)).clamp(max=-16))
        puff = torch.where(rand(n) < torch.where(hushed, torch.full((n,), 0.75), torch.full((n,), 0.3)), puff, torch.full((n,), -150.0))
        x = _add(x, torch.cat(self._event(n, generator)) + both(column(puff) * _DB))
        # a floor as of bad codecs, sometimes
        floor = -4.5 + column(rand(n)) ** 2 * 2.6 + (column(rand(n)) - 0.5) * band * 0.6 - 9 * (column(rand(n)) < 0.6)
        x = torch.maximum(x, both(floor) + torch.randn(x.shape, generator=generator) * 0.25)
        return x.clamp(-4, 4), hushed

    @staticmethod
    def _throat(x, factor):
        """Longer or shorter: the spectrum stretched by `factor` [n], the times as they are."""
        at = (torch.arange(80)[None] * factor[:, None]).clamp(max=78.999)
        low = at.floor().long()
        share = (at - low)[:, None, :, None].to(x)
        take = lambda k: torch.gather(x, 2, k[:, None, :, None].expand(-1, 1, 80, m.WINDOW))
        return take(low) * (1 - share) + take(low + 1) * share

    def _tone(self, n, generator):
        clips, rows, _ = self._noise.shape
        clip = torch.randint(clips, (n,), generator=generator)
        start = torch.randint(rows - m.WINDOW - self._gap, (n,), generator=generator)
        return [self._cut(self._noise.flatten(0, 1), clip * rows + start + late) for late in (0, self._gap)]

    def _event(self, n, generator):
        start = torch.randint(len(self._events) - m.WINDOW - self._gap, (n,), generator=generator)
        return [self._cut(self._events, start + late) for late in (0, self._gap)]

    @staticmethod
    def _cut(rows, starts):
        return rows[starts[:, None] + torch.arange(m.WINDOW)[None]].float().transpose(1, 2)[:, None]
