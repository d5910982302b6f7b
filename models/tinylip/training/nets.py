"""The two halves of TinyLip and their concatenation."""
import math

import torch
import torch.nn as nn
import torch.nn.functional as F


def _block(a, b, stride=1, kernel=3):
    padding = kernel // 2 if isinstance(kernel, int) else tuple(k // 2 for k in kernel)
    return nn.Sequential(nn.Conv2d(a, b, kernel, stride, padding, bias=False), nn.BatchNorm2d(b), nn.ReLU(inplace=True))


class Residual(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.body = nn.Sequential(_block(channels, channels), nn.Conv2d(channels, channels, 3, 1, 1, bias=False), nn.BatchNorm2d(channels))

    def forward(self, x):
        return F.relu(x + self.body(x))


class AudioNet(nn.Module):
    """mel [B,1,80,16] -> mouth [B,6]. Strides in frequency first: time is kept until late, closures are short."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            _block(1, 24, (2, 1), (5, 3)), _block(24, 40, (2, 1)), _block(40, 56, (2, 1)), Residual(56),
            _block(56, 72, (2, 2)), _block(72, 80, (2, 2)),
        )
        self.head = nn.Sequential(nn.Flatten(), nn.Dropout(0.1), nn.Linear(80 * 3 * 4, 144), nn.ReLU(inplace=True), nn.Dropout(0.1), nn.Linear(144, 6))

    def forward(self, mel):
        raw = self.head(self.body(mel * 0.25))
        unsigned, signed = torch.sigmoid(raw * 2 - 2.5), torch.tanh(raw)
        return torch.cat([unsigned[:, 0:1], signed[:, 1:2], unsigned[:, 2:3], signed[:, 3:4], unsigned[:, 4:6]], 1)


class FaceNet(nn.Module):
    """face [B,6,96,96] + mouth [B,6] -> out, flow, alpha, paint of the lower half; nothing else is worked on.

    The mouth enters as eight non-negative signals; the flow is a sum of one learned field per signal,
    so a closed mouth (all zero) leaves the picture exactly as it is.
    """

    SIGNALS = 8
    WAVES = (1, 2, 3, 4, 6)           # half periods in half a mouth
    EASED = 3                         # of the signals: open, spread, pucker move the corners
    DEAD = 0.015                      # parameters below this are zero: no trembling in silence

    def __init__(self):
        super().__init__()
        self.e48, self.e24 = _block(3, 16, 2, 5), nn.Sequential(_block(16, 40, 2), Residual(40))
        self.e12, self.e6 = _block(40, 72, 2), nn.Sequential(_block(72, 104, 2), _block(104, 104))
        self.mouth = nn.Sequential(nn.Linear(self.SIGNALS + 6, 64), nn.ReLU(inplace=True), nn.Linear(64, 2 * (104 + 72 + 40 + 28)))
        self.d6, self.d12 = nn.Conv2d(104, 104, 3, 1, 1, bias=False), nn.Conv2d(104 + 72, 72, 3, 1, 1, bias=False)
        self.d24, self.d48 = nn.Conv2d(72 + 40, 40, 3, 1, 1, bias=False), nn.Conv2d(40 + 16, 28, 3, 1, 1, bias=False)
        self.n6, self.n12, self.n24, self.n48 = (nn.BatchNorm2d(c) for c in (104, 72, 40, 28))
        self.last = _block(28, 40)
        self.fine = nn.Conv2d(10, 2 * self.SIGNALS + 4, 3, 1, 1)
        # Teeth want more than what moves skin: their own way to alpha and paint in the middle, which begins as nothing.
        # They are a pattern that sits on the head, so it is told for each cell where in the mouth it lies.
        self.spot = nn.Sequential(nn.Conv2d(104, 16, 1), nn.ReLU(inplace=True), nn.Flatten(), nn.Linear(576, 32), nn.ReLU(inplace=True), nn.Linear(32, 4))
        self.inner = nn.Sequential(_block(28 + 40, 32), _block(32, 64))
        self.teeth = nn.Sequential(_block(16 + 2 + 2 * len(self.WAVES), 20), nn.Conv2d(20, 4, 3, 1, 1))
        # The same goes for the corners of the lips: what is missing to the flow there.
        self.ease = nn.Conv2d(20, 2 * self.EASED, 3, 1, 1)
        for layer in (self.teeth[1], self.ease):
            nn.init.zeros_(layer.weight)
            nn.init.zeros_(layer.bias)
        y, x = torch.meshgrid((torch.arange(48, 96) + 0.5) / 48 - 1, (torch.arange(96) + 0.5) / 48 - 1, indexing="ij")
        self.register_buffer("grid", torch.stack([x, y])[None], persistent=False)
        y, x = torch.meshgrid((torch.arange(48, 88) + 0.5) / 48 - 1, (torch.arange(24, 72) + 0.5) / 48 - 1, indexing="ij")
        self.register_buffer("middle", torch.stack([x, y])[None], persistent=False)
        # the change fades in over three rows and out over the last three pixels of the other sides: no seam whatever is beyond
        rows, columns = torch.arange(48) + 0.5, torch.arange(96) + 0.5
        ramp = lambda t: (t / 3).clamp(0, 1) ** 2 * (3 - 2 * (t / 3).clamp(0, 1))
        gate = (ramp(rows) * ramp(48 - rows))[:, None] * (ramp(columns) * ramp(96 - columns))[None]
        self.register_buffer("gate", gate[None, None], persistent=False)
        rows, columns = torch.arange(40) + 0.5, torch.arange(48) + 0.5
        calm = (ramp(rows) * ramp((40 - rows) / 2))[:, None] * (ramp(columns / 2) * ramp((48 - columns) / 2))[None]
        self.register_buffer("calm", 0.2 * calm[None, None], persistent=False)

    @staticmethod
    def signals(mouth):
        """[B,6] -> [B,8]: open, spread, pucker, up, tuck, press, teeth, tongue"""
        live = mouth - mouth.clamp(-FaceNet.DEAD, FaceNet.DEAD)
        o, w, u, k, t, g = live.split(1, 1)
        return torch.cat([o, F.relu(w), F.relu(-w), u, F.relu(k), F.relu(-k), t, g], 1)

    def forward(self, face, mouth):
        reference = face[:, 3:]
        s = self.signals(mouth)
        flow, rest, seen, whole = self.trunk(reference, s)
        place = self.where(whole)
        near = self.near(seen, place)
        flow = (flow + self.eased(near, s)) * self.reach(place)
        alpha, paint = self.inside(rest, near, s)
        moved = F.grid_sample(reference, (self.grid + flow).permute(0, 2, 3, 1), mode="bilinear", padding_mode="border", align_corners=False)
        out = moved * (1 - alpha) + paint * alpha
        return out, flow, alpha, paint

    def trunk(self, reference, s):
        """-> flow [B,2,48,96], a first idea of the inside [B,4,48,96], what its own head sees of the middle [B,68,20,24], the whole face [B,104,6,6]"""
        a = self.e48(reference - 0.5)
        b = self.e24(a)
        c = self.e12(b)
        d = whole = self.e6(c)
        # products tell combinations apart (rounded and open, spread and open, ...)
        o = s[:, 0:1]
        films = self.mouth(torch.cat([s, o * o, o * s[:, 1:2], o * s[:, 2:3], s[:, 3:4] * s[:, 6:7], s[:, 4:5] * s[:, 3:4], o * s[:, 7:8]], 1))
        films = films.split([208, 144, 80, 56], 1)
        d = self._film(self.n6(self.d6(d)), films[0])
        c = self._film(self.n12(self.d12(torch.cat([self._up(d), c], 1))), films[1])
        b = self._film(self.n24(self.d24(torch.cat([self._up(c)[:, :, 10:], b[:, :, 10:]], 1))), films[2])
        above = self._up(b)
        a = self._film(self.n48(self.d48(torch.cat([above, a[:, :, 20:]], 1))), films[3])
        raw = self.fine(F.pixel_shuffle(self.last(a), 2))[:, :, 8:]
        flow = self.gate * 0.2 * torch.cat([(raw[:, :8] * s[:, :, None, None]).sum(1, keepdim=True), (raw[:, 8:16] * s[:, :, None, None]).sum(1, keepdim=True)], 1)
        return flow, raw[:, 16:], torch.cat([a[:, :, 4:24, 12:36], above[:, :, 4:24, 12:36]], 1), whole

    def where(self, whole):
        """-> [B,4]: the closed mouth's middle (x, y), half width, all in halves of the square, and roll in radians"""
        x, y, half, roll = self.spot(whole).split(1, 1)
        return torch.cat([0.2 * x, 0.26 + 0.2 * y, (0.25 + 0.2 * half).clamp(0.08, 0.6), 0.3 * roll], 1)

    def reach(self, place):
        """-> [B,1,1,96]: 1 beside the mouth, 0 from 2.7 half widths of it on: hair and wall stay, whatever the jaw does."""
        x, _, half, _ = place.detach()[:, :, None, None].split(1, 1)
        t = (5.4 - 2 * (self.grid[:, :1, :1] - x).abs() / half).clamp(0, 1)
        return t * t * (3 - 2 * t)

    def waves(self, place):
        """-> [B,2+2n,40,48]: across and down the mouth, 1 = half its width, and waves across it"""
        x, y, half, roll = place[:, :, None, None].split(1, 1)
        dx, dy, c, s = (self.middle[:, :1] - x) / half, (self.middle[:, 1:] - y) / half, torch.cos(roll), torch.sin(roll)
        u, v = (c * dx + s * dy).clamp(-1.5, 1.5), (c * dy - s * dx).clamp(-1.5, 1.5)
        return torch.cat([u, v, *(wave(math.pi * k * u) for k in self.WAVES for wave in (torch.sin, torch.cos))], 1)

    def near(self, seen, place):
        """-> [B,20,40,48]: the middle, as the head for the inside and the corners sees it."""
        return self.teeth[0](torch.cat([F.pixel_shuffle(self.inner(seen), 2), self.waves(place)], 1))

    def eased(self, near, s):
        """-> [B,2,48,96]: what is missing to the flow around the lips"""
        raw, s = self.calm * self.ease(near), s[:, :self.EASED, None, None]
        across, down = ((part * s).sum(1, keepdim=True) for part in raw.chunk(2, 1))
        return F.pad(torch.cat([across, down], 1), (24, 24, 0, 8))

    def inside(self, rest, near, s):
        """-> alpha [B,1,48,96], paint [B,3,48,96]"""
        inside = rest + F.pad(self.teeth[1](near), (24, 24, 0, 8))
        parted = (12 * (s[:, 0:1] + s[:, 3:4] + s[:, 4:5] + s[:, 6:7])).clamp(max=1)[:, :, None, None]
        return self.gate * parted * torch.sigmoid(2 * inside[:, :1]), torch.sigmoid(inside[:, 1:])

    @staticmethod
    def _up(x):
        return F.interpolate(x, scale_factor=2.0, mode="nearest")

    @staticmethod
    def _film(x, film):
        scale, shift = film[:, :, None, None].chunk(2, 1)
        return F.relu(x * (1 + scale) + shift)


class TinyLip(nn.Module):
    """The whole: mel [B,1,80,16], face [B,6,96,96], mouth [B,6], drive [B,1] -> out, flow, alpha, params, paint.

    params [B,6] is what the picture shows: what was heard where drive is 0, the given mouth where it is 1.
    out [B,3,96,96] is (1 - alpha) * warp(face, flow) + alpha * paint; with flow [B,2,96,96], alpha [B,1,96,96] and
    paint [B,3,96,96] scaled up, the same can be done on a finer picture of the face.
    """

    def __init__(self, audio, face):
        super().__init__()
        self.audio, self.face = audio, face

    def forward(self, mel, face, mouth, drive):
        # written so that 0 and 1 give the one or the other to the last bit
        params = self.audio(mel) * (1 - drive) + mouth * drive
        out, flow, alpha, paint = self.face(face, params)
        out = torch.cat([face[:, 3:, :48], out], 2)
        below = (0, 0, 48, 0)
        return out, F.pad(flow, below), F.pad(alpha, below), params, F.pad(paint, below)
