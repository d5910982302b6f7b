"""What a person does at one moment: the numbers that a picture is made of."""
from dataclasses import asdict, dataclass, field


@dataclass
class Moment:
    mouth: list = field(default_factory=lambda: [0.0] * 6)      # open wide up tuck teeth tongue, as in tinylip's visemes.json
    smile: float = 0.0                                          # beside the person's own
    blink: list = field(default_factory=lambda: [0.0, 0.0])     # left, right: 0 open .. 1 shut
    gaze: list = field(default_factory=lambda: [0.0, 0.0])      # degrees from the camera: to the viewer's right, up
    brows: list = field(default_factory=lambda: [0.0, 0.0])     # raised, knit
    head: list = field(default_factory=lambda: [0.0, 0.0, 0.0])  # degrees: turned to the viewer's right, nodded up, tilted clockwise
    shift: list = field(default_factory=lambda: [0.0, 0.0])     # decimetres: to the viewer's right, up
    breath: float = 0.0                                         # 0 out .. 1 in

    @classmethod
    def of(cls, described):
        known = cls()
        wrong = set(described) - set(asdict(known))
        if wrong:
            raise SystemExit(f"a moment has no {', '.join(sorted(wrong))}; it has {', '.join(asdict(known))}")
        return cls(**described)
