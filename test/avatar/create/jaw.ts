/** Where a model's picture is seen. */
import t from 'tap';
import { jawMask } from '../../../src/avatar/create/jaw.js';

/** A face in its box: the jaw from ear to ear is a half ellipse, the nose ends in the middle. */
const face = Array.from({ length: 68 }, (_, n) => {
  if (n > 16) return { x: 0.5, y: 0.55 };
  const angle = Math.PI * (1 - n / 16);
  return { x: 0.5 + 0.48 * Math.cos(angle), y: 0.4 + 0.55 * Math.sin(angle) };
});

t.test('from the nose to the jaw, and nothing of what is beside it', async (t) => {
  const mask = await jawMask(face);
  const at = (x: number, y: number) => mask[Math.floor(256 * y) * 256 + Math.floor(256 * x)]!;
  t.ok(at(0.5, 0.75) > 250, 'lips');
  t.ok(at(0.3, 0.7) > 250, 'a cheek');
  t.equal(at(0.5, 0.35), 0, 'eyes');
  t.ok(at(0.06, 0.93) < 3 && at(0.94, 0.93) < 3, 'corners, where the neck and the wall are');
  t.ok(at(0.5, 0.9) > 200, 'the chin');
  const [left, right] = [0.03, 0.97].map((x) => at(x, 0.6));
  t.ok(left! < 80 && Math.abs(left! - right!) < 12, `the sides fade: ${left}, ${right}`);
  for (let i = 0; i < 256; i++)
    t.ok(mask[255 * 256 + i]! < 2 && mask[256 * i]! < 2 && mask[256 * i + 255]! < 2);
});

t.test('it is soft: neighbours differ by little', async (t) => {
  const mask = await jawMask(face);
  let step = 0;
  for (let i = 1; i < mask.length; i++)
    if (i % 256 > 0) step = Math.max(step, Math.abs(mask[i]! - mask[i - 1]!));
  for (let i = 256; i < mask.length; i++) step = Math.max(step, Math.abs(mask[i]! - mask[i - 256]!));
  t.ok(step < 30, `${step} of 255`);
});
