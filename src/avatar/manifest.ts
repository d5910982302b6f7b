import { LineCounter, parseDocument, stringify } from 'yaml';
import { z } from 'zod';
import { TalkError } from '../element/error.js';

/** The file that makes a folder an avatar. */
export const MANIFEST = 'avatar.yaml';

const number = z.number();
const whole = z.int().min(0).max(4096);
const size = z.int().min(16).max(4096).multipleOf(2);
const box = z.tuple([number, number, number.positive(), number.positive()]);
/** A file in the folder with a given ending; never a path out of it. */
const file = (ending: string) =>
  z
    .string()
    .regex(
      new RegExp(`^(?!/)(?!.*(?:^|/)\\.\\.(?:/|$))[^%\\\\]+\\.(?:${ending})$`, 'i'),
      `Expected a relative file name that ends in .${ending.replaceAll('|', ' or .').replaceAll('?', '')}`,
    );

const schema = z.strictObject({
  /** What people call it. */
  name: z.string().min(1).max(100),
  /** Terms under which the pictures may be used, and where they come from. */
  licence: z.string().max(200).optional(),
  origin: z.string().max(500).optional(),
  /** Who the person is, if one, and what they agreed to. */
  consent: z.string().max(500).optional(),
  /** Size of the pictures, pixels; even, because colour is stored at half size. */
  width: size,
  height: size,
  framerate: z
    .string()
    .regex(/^[1-9]\d{0,5}\/[1-9]\d{0,5}$/, 'Expected a fraction such as 25/1')
    .default('25/1'),
  /** How many pictures there are; they are numbered from 0. */
  frames: z.int().min(1).max(100_000),
  /** Their file names in the folder, the number in place of `%0Nd`. */
  files: z
    .string()
    .regex(
      /^(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[^%\\]*%0?\d{0,2}d[^%\\/]*\.(?:webp|png|jpe?g)$/i,
      'Expected a relative file name such as frames/%03d.webp',
    )
    .optional(),
  /** Instead of `files`: all pictures as I420 in GStreamer's layout, one behind the other in one file. */
  film: file('i420').optional(),
  /** One picture that stands for all, for pages that show who there is; without it the first. */
  poster: file('webp|png|jpe?g').optional(),
  loop: z.enum(['there-and-back', 'forward']).default('there-and-back'),
  /** What lies behind transparent pixels when nothing else is asked for: `#rrggbb`, or a picture in the folder. */
  background: z
    .string()
    .regex(
      /^(?:#[0-9a-f]{3}|#[0-9a-f]{6}|(?!\/)(?!.*(?:^|\/)\.\.(?:\/|$))[^\\]+\.(?:webp|png|jpe?g))$/i,
      'Expected a colour such as #20242c or a relative file name',
    )
    .optional(),
  /** Windows of the picture for other shapes, [x, y, width, height]: who asks for a square gets the squarest. */
  framings: z
    .array(z.tuple([whole, whole, size, size]))
    .max(8)
    .default([]),
  /** What is heard while it is shown as a clip, once; without it the clip is silent and lasts as long as its pictures. */
  sound: file('wav|flac|ogg|opus|mp3|m4a').optional(),
  /**
   * The square a lip-sync model is shown of each frame, [x, y, width, height] in pixels of the picture, fractions
   * welcome: lips at 63 % of its height, chin at 87 %. It may reach over the picture's edge. A list, or a CSV file.
   * A clip needs none: its mouth is left alone.
   */
  boxes: z.array(box).optional(),
  /** What models with another `crop` than that are shown, and how what they paint is blended in: white is theirs. */
  crops: z
    .record(
      z.string().regex(/^[a-z][\w-]{0,31}$/),
      z.strictObject({ boxes: file('csv'), mask: file('png').optional() }),
    )
    .default({}),
  /** What models that paint in latents are shown: float16, [8, 32, 32] of each frame, one behind the other. */
  latents: file('f16').optional(),
  /** SHA-256 over names and contents of all other files of the package; `talkgraph avatar check` compares. */
  sha256: z
    .string()
    .regex(/^[0-9a-f]{64}$/, '64 hexadecimal digits')
    .optional(),
});

/** The same with the boxes in a file of their own. */
const filed = schema.extend({ boxes: file('csv') });

/** The contents of an `avatar.yaml`, defaults filled in. */
export type Manifest = Boxed<z.output<typeof schema>>;

/** What one writes: defaults may be left out. */
export type ManifestInput = Boxed<z.input<typeof schema>>;

type Boxed<T> = Omit<T, 'boxes'> & { boxes?: [number, number, number, number][] | string | undefined };

/**
 * Reads the text of an `avatar.yaml`.
 * @param file what to call it in messages
 * @throws TalkError resource/settings naming line, field, what was expected and what came
 */
export function parseManifest(text: string, file: string): Manifest {
  const lines = new LineCounter();
  const document = parseDocument(text, { lineCounter: lines, prettyErrors: false });
  const refuse = (line: number | undefined, problem: string): never => {
    const place = line === undefined ? file : `${file}, line ${line}`;
    throw new TalkError('resource/settings', `${place}: ${problem}`, {
      details: { file, ...(line && { line }) },
    });
  };
  const [broken] = document.errors;
  if (broken) refuse(lines.linePos(broken.pos[0]).line, `not YAML: ${broken.message}`);
  const lineOf = (path: readonly PropertyKey[]): number | undefined => {
    for (let n = path.length; n > 0; n--) {
      const node = document.getIn(path.slice(0, n), true) as { range?: [number, number, number] } | undefined;
      if (node?.range) return lines.linePos(node.range[0]).line;
    }
    return undefined;
  };
  const content = document.toJS() as { boxes?: unknown } | null;
  const read = (typeof content?.boxes === 'string' ? filed : schema).safeParse(content);
  if (!read.success) {
    const issue = read.error.issues[0]!;
    const field = issue.path.join('.');
    const came: unknown = issue.path.reduce<unknown>(
      (at, key) => (at as Record<PropertyKey, unknown>)?.[key],
      content,
    );
    const shown = came === undefined ? 'nothing' : JSON.stringify(came)?.slice(0, 80);
    return refuse(
      lineOf(issue.path),
      field ? `${field}: ${issue.message}; received ${shown}.` : `${issue.message}.`,
    );
  }
  const manifest = read.data;
  if ((manifest.files === undefined) === (manifest.film === undefined)) {
    const found = manifest.files === undefined ? 'neither' : 'both';
    refuse(lineOf(['film']), `Expected either "files" or "film" but received ${found}.`);
  }
  if (manifest.film !== undefined && manifest.poster === undefined) {
    refuse(lineOf(['film']), 'poster: Expected a picture that stands for the film but received nothing.');
  }
  if (Array.isArray(manifest.boxes) && manifest.boxes.length !== manifest.frames) {
    refuse(
      lineOf(['boxes']),
      `boxes: Expected one box for each of the ${manifest.frames} frames but received ${manifest.boxes.length}.`,
    );
  }
  const outside = manifest.framings.findIndex(
    ([x, y, width, height]) => x + width > manifest.width || y + height > manifest.height,
  );
  if (outside >= 0) {
    refuse(
      lineOf(['framings', outside]),
      `framings.${outside}: Expected a window inside ${manifest.width}x${manifest.height} but received ${JSON.stringify(manifest.framings[outside])}.`,
    );
  }
  return manifest;
}

/** Writes a manifest, one box per line. `about` becomes comment lines at the top. */
export function formatManifest(manifest: ManifestInput, about: readonly string[]): string {
  const { boxes, framings = [], crops = {}, ...rest } = manifest;
  const fields = stringify(rest, { lineWidth: 0 }).trimEnd();
  const windows = framings.length > 0 ? [`framings: ${JSON.stringify(framings).replaceAll(',', ', ')}`] : [];
  const others = Object.keys(crops).length > 0 ? [stringify({ crops }, { lineWidth: 0 }).trimEnd()] : [];
  return [...about.map((line) => `# ${line}`), fields, ...windows, ...others, ...boxLines(boxes), ''].join(
    '\n',
  );
}

function boxLines(boxes: ManifestInput['boxes']): string[] {
  if (boxes === undefined) return [];
  if (typeof boxes === 'string') return [`boxes: ${boxes}`];
  return ['boxes:', ...boxes.map((box) => `  - [${box.map(thousandths).join(', ')}]`)];
}

/** Boxes are written to a thousandth of a pixel. */
export function thousandths(value: number): number {
  return Math.round(value * 1000) / 1000;
}
