/**
 * Draws portraits to files: `node dist/src/avatar/draw.js --seed 7 --size 512 --out DIR`.
 * Run with `--help` for all options.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { drawPortrait, IDLE, idle, type PortraitOptions } from './portrait/index.js';
import { contactSheet } from './sheet.js';

const HELP = `Draws people, mouth closed, as PNG + JSON (what is where in the picture).

  node dist/src/avatar/draw.js --seed 7 --size 512 --out DIR      one person -> DIR/seed-7.png, DIR/seed-7.json
  node dist/src/avatar/draw.js --seed 0-149 --out DIR             a range of people
  node dist/src/avatar/draw.js --seed ava --out DIR               the default presenter
  node dist/src/avatar/draw.js --seed ava --idle 0-149 --out DIR  frames of idle life -> DIR/ava-000.png, DIR/ava-000.json, …
  node dist/src/avatar/draw.js … --sheet --out FILE.webp          the same pictures on one contact sheet (--across N)
  node dist/src/avatar/draw.js --avatar ava --out data/avatars/drawn   a whole avatar package

  --size S | WxH     picture size in pixels (512)
  --yaw --pitch --roll DEG (negative: --yaw=-5)   --shift X,Y   --gaze X,Y   --blink 0..1   --breath 0..1   --smile PX   --brow -1..1
  --svg              write the SVG as well
`;

type Who = number | 'ava';

const range = (text: string, name: string): number[] => {
  const found = /^(\d+)(?:-(\d+)(?:\/(\d+))?)?$/.exec(text);
  if (!found)
    throw new TypeError(`Expected numbers such as 7, 3-9 or 0-90/10 for --${name} but received '${text}'.`);
  const [from, to, step] = [
    Number(found[1]),
    Number(found[2] ?? found[1]),
    Math.max(1, Number(found[3] ?? 1)),
  ];
  return Array.from({ length: Math.max(0, Math.floor((to - from) / step) + 1) }, (_, i) => from + i * step);
};

/** '7', '3-9', 'ava' and lists of them. */
export function parseSeeds(text: string): Who[] {
  return text.split(',').flatMap((part): Who[] => (part === 'ava' ? ['ava'] : range(part, 'seed')));
}

const numbers = (text: string | undefined, name: string): number[] => {
  const list = text === undefined ? [] : text.split(',').map(Number);
  if (list.some((v) => !Number.isFinite(v)))
    throw new TypeError(`Expected numbers for --${name} but received '${text}'.`);
  return list;
};

const text = { type: 'string' } as const;
const flag = { type: 'boolean', default: false } as const;
const POSE = ['yaw', 'pitch', 'roll', 'shift', 'gaze', 'blink', 'breath', 'smile', 'brow'] as const;

interface Shot {
  readonly who: Who;
  readonly stem: string;
  readonly options: PortraitOptions;
}

/** Runs the command; returns the files written. */
export async function draw(argv: string[]): Promise<string[]> {
  const { values: v } = parseArgs({
    args: argv,
    options: {
      ...{
        seed: { ...text, default: 'ava' },
        size: { ...text, default: '512' },
        out: { ...text, default: '.' },
      },
      ...{
        yaw: text,
        pitch: text,
        roll: text,
        shift: text,
        gaze: text,
        blink: text,
        breath: text,
        smile: text,
      },
      ...{ brow: text, idle: text, avatar: text, across: text, svg: flag, sheet: flag, help: flag },
    },
  });
  if (v.help) {
    process.stdout.write(HELP);
    return [];
  }
  const [width = 512, height = width] = numbers(v.size.replace('x', ','), 'size');
  const size = { width, height };
  if (v.avatar !== undefined) {
    const [who = 'ava'] = parseSeeds(v.avatar);
    const { writeDrawnAvatar } = await import('./write.js'); // single pictures need none of its libraries
    await writeDrawnAvatar(v.out, who, size);
    return [join(v.out, 'avatar.yaml')];
  }
  const given = Object.fromEntries(POSE.map((name) => [name, numbers(v[name], name)]));
  const one = (name: (typeof POSE)[number], i = 0) => given[name]?.[i] ?? 0;
  const still: PortraitOptions = {
    ...size,
    pose: { yaw: one('yaw'), pitch: one('pitch'), roll: one('roll'), x: one('shift'), y: one('shift', 1) },
    ...{ gaze: [one('gaze'), one('gaze', 1)] as const, blink: one('blink'), breath: one('breath') },
    ...{ brow: one('brow'), mouth: { smile: one('smile') } },
  };
  const shots = parseSeeds(v.seed).flatMap((who): Shot[] => {
    const name = who === 'ava' ? who : `seed-${who}`;
    if (v.idle === undefined) return [{ who, stem: name, options: still }];
    return range(v.idle, 'idle').map((i) => ({
      who,
      stem: `${name}-${String(i).padStart(3, '0')}`,
      options: { ...size, ...idle(Math.min(i, IDLE.frames - 1)) },
    }));
  });
  if (v.sheet) {
    const [across = Math.ceil(Math.sqrt(shots.length * 1.4))] = numbers(v.across, 'across');
    const tiles: Buffer[] = [];
    for (const { who, options } of shots) tiles.push(await png(drawPortrait(who, options).svg));
    await contactSheet(tiles, size, across, v.out);
    return [v.out];
  }
  await mkdir(v.out, { recursive: true });
  for (const { who, stem, options } of shots) {
    const { svg, geometry } = drawPortrait(who, options);
    const file = join(v.out, stem);
    await writeFile(`${file}.png`, await png(svg));
    await writeFile(`${file}.json`, `${JSON.stringify(geometry, null, 1)}\n`);
    if (v.svg) await writeFile(`${file}.svg`, svg);
  }
  return shots.map(({ stem }) => join(v.out, `${stem}.png`));
}

const png = (svg: string): Promise<Buffer> => sharp(Buffer.from(svg)).removeAlpha().png().toBuffer();

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    for (const file of await draw(process.argv.slice(2))) process.stdout.write(`${file}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
