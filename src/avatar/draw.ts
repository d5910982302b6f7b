/**
 * Draws portraits to files: `node dist/src/avatar/draw.js --seed 7 --size 512 --out DIR`.
 * Run with `--help` for all options.
 */
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import sharp from 'sharp';
import { drawPortrait, type PortraitOptions } from './portrait/index.js';

const HELP = `Draws people, mouth closed, as PNG + JSON (what is where in the picture).

  node dist/src/avatar/draw.js --seed 7 --size 512 --out DIR      one person -> DIR/seed-7.png, DIR/seed-7.json
  node dist/src/avatar/draw.js --seed 0-149 --out DIR             a range of people
  node dist/src/avatar/draw.js --seed ava --out DIR               the default presenter
  node dist/src/avatar/draw.js --sheet --seed 0-23 --out F.png    a contact sheet

  --size S | WxH     picture size in pixels (512)
  --yaw --pitch --roll DEG   --shift X,Y   --gaze X,Y   --blink 0..1   --breath 0..1   --smile PX   --brow -1..1
  --svg              write the SVG as well
`;

/** '7', '3-9', 'ava' and lists of them. */
export function parseSeeds(text: string): (number | 'ava')[] {
  return text.split(',').flatMap((part): (number | 'ava')[] => {
    if (part === 'ava') return ['ava'];
    const range = /^(\d+)(?:-(\d+))?$/.exec(part);
    if (!range)
      throw new TypeError(`Expected a seed such as 7, 3-9 or ava for --seed but received '${part}'.`);
    const [from, to] = [Number(range[1]), Number(range[2] ?? range[1])];
    return Array.from({ length: to - from + 1 }, (_, i) => from + i);
  });
}

const numbers = (text: string | undefined, name: string): number[] | undefined => {
  if (text === undefined) return undefined;
  const list = text.split(',').map(Number);
  if (list.some((v) => !Number.isFinite(v)))
    throw new TypeError(`Expected numbers for --${name} but received '${text}'.`);
  return list;
};

/** Runs the command; returns the files written. */
export async function draw(argv: string[]): Promise<string[]> {
  const { values: v } = parseArgs({
    args: argv,
    options: {
      seed: { type: 'string', default: 'ava' },
      size: { type: 'string', default: '512' },
      out: { type: 'string', default: '.' },
      yaw: { type: 'string' },
      pitch: { type: 'string' },
      roll: { type: 'string' },
      shift: { type: 'string' },
      gaze: { type: 'string' },
      blink: { type: 'string' },
      breath: { type: 'string' },
      smile: { type: 'string' },
      brow: { type: 'string' },
      svg: { type: 'boolean', default: false },
      sheet: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (v.help) {
    process.stdout.write(HELP);
    return [];
  }
  const [width = 512, height = width] = v.size.split('x').map(Number);
  const one = (name: 'yaw' | 'pitch' | 'roll' | 'blink' | 'breath' | 'smile' | 'brow') =>
    numbers(v[name], name)?.[0] ?? 0;
  const [x = 0, y = 0] = numbers(v.shift, 'shift') ?? [];
  const [gx = 0, gy = 0] = numbers(v.gaze, 'gaze') ?? [];
  const options: PortraitOptions = {
    width,
    height,
    pose: { yaw: one('yaw'), pitch: one('pitch'), roll: one('roll'), x, y },
    gaze: [gx, gy],
    blink: one('blink'),
    breath: one('breath'),
    brow: one('brow'),
    mouth: { smile: one('smile') },
  };
  const seeds = parseSeeds(v.seed);
  const png = (who: number | 'ava') =>
    sharp(Buffer.from(drawPortrait(who, options).svg))
      .removeAlpha()
      .png();
  if (v.sheet) {
    const across = Math.ceil(Math.sqrt(seeds.length * 1.4));
    const tiles = await Promise.all(seeds.map((s) => png(s).toBuffer()));
    await sharp({
      create: {
        width: across * width,
        height: Math.ceil(seeds.length / across) * height,
        channels: 3,
        background: '#ffffff',
      },
    })
      .composite(
        tiles.map((input, i) => ({
          input,
          left: (i % across) * width,
          top: Math.floor(i / across) * height,
        })),
      )
      .png()
      .toFile(v.out);
    return [v.out];
  }
  await mkdir(v.out, { recursive: true });
  const files: string[] = [];
  for (const who of seeds) {
    const { svg, geometry } = drawPortrait(who, options);
    const stem = join(v.out, geometry.name);
    await png(who).toFile(`${stem}.png`);
    await writeFile(`${stem}.json`, `${JSON.stringify(geometry, null, 1)}\n`);
    if (v.svg) await writeFile(`${stem}.svg`, svg);
    files.push(`${stem}.png`);
  }
  return files;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  try {
    for (const file of await draw(process.argv.slice(2))) process.stdout.write(`${file}\n`);
  } catch (error) {
    process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
    process.exitCode = 1;
  }
}
