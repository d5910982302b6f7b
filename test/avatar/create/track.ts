/** Boxes that are found against boxes that are known: the presenters' renderer wrote where their mouths are. */
import t from 'tap';
import type { FaceSeen } from '../../../src/avatar/create/analyse.js';
import { quantile } from '../../../src/avatar/create/series.js';
import { track } from '../../../src/avatar/create/track.js';
import { openAvatar } from '../../../src/avatar/index.js';
import { around, FaceFinder, findParting, mouthOpening } from '../../../src/face/index.js';
import { pictureIn } from '../../../src/picture/picture.js';

t.setTimeout(120_000);
const finder = await FaceFinder.open();
t.teardown(() => finder.close());

for (const who of ['ava', 'max'])
  t.test(`${who}: the box is found to half a hundredth of its side`, async (t) => {
    const avatar = await openAvatar(who);
    t.teardown(() => avatar.close());
    const faces: FaceSeen[] = [];
    let last = avatar.box(0);
    for (let n = 0; n < avatar.count; n++) {
      const picture = pictureIn(avatar.data(n), avatar.width, avatar.height);
      const seen = { picture, colour: avatar.colour };
      const points = await finder.points(seen, last);
      last = around(points);
      const parting = findParting(picture, avatar.colour, points);
      faces.push({ points, parting, opening: mouthOpening(points), light: 120, detail: 100 });
    }
    const { boxes } = track(faces);
    const off = boxes.map(({ mouth }, n) => {
      const { x, y, w, h } = avatar.box(n);
      const lips = (mouth.y + 0.63 * mouth.h - y - 0.63 * h) / h;
      const middle = (mouth.x + mouth.w / 2 - x - w / 2) / w;
      return { lips, middle, size: mouth.w / w - 1 };
    });
    const errors = (key: keyof (typeof off)[number]) => off.map((one) => Math.abs(one[key]));
    const say = (key: keyof (typeof off)[number]) =>
      `${key} ${quantile(errors(key), 0.5).toFixed(4)}, ${quantile(errors(key), 0.95).toFixed(4)}`;
    t.comment(
      `median and 95 % of the error, in parts of the box: ${say('lips')}; ${say('middle')}; ${say('size')}`,
    );
    t.ok(quantile(errors('lips'), 0.95) < 0.008, say('lips'));
    t.ok(quantile(errors('middle'), 0.95) < 0.012, say('middle'));
    // Theirs shrinks and grows with the chin as the head nods; ours keeps its size.
    t.ok(quantile(errors('size'), 0.95) < 0.09, say('size'));

    const sizes = boxes.map(({ mouth }) => mouth.w);
    t.equal(Math.max(...sizes), Math.min(...sizes), 'it keeps its size');
    for (const axis of ['x', 'y'] as const) {
      const bends = boxes
        .slice(1, -1)
        .map(({ mouth }, i) => Math.abs(boxes[i]!.mouth[axis] - 2 * mouth[axis] + boxes[i + 2]!.mouth[axis]));
      t.ok(Math.max(...bends) < 0.3, `${axis} bends by at most ${Math.max(...bends).toFixed(3)} px`);
    }

    for (const { mouth, wav2lip, musetalk } of boxes.slice(0, 1)) {
      for (const box of [wav2lip, musetalk]) {
        t.ok(box.x < mouth.x + 0.2 * mouth.w && box.x + box.w > mouth.x + 0.8 * mouth.w, 'from ear to ear');
        t.ok(Math.abs(box.y + box.h - mouth.y - 0.87 * mouth.h) < 0.12 * mouth.h, 'to below the chin');
      }
      t.ok(wav2lip.y < mouth.y, 'Wav2Lip sees the forehead');
    }
  });
