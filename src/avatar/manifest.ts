import { LineCounter, parseDocument, stringify } from 'yaml';
import { z } from 'zod';
import { TalkError } from '../element/error.js';

/** The file that makes a folder an avatar. */
export const MANIFEST = 'avatar.yaml';

const number = z.number();
const whole = z.int().min(0).max(4096);
const size = z.int().min(16).max(4096).multipleOf(2);

const schema = z.strictObject({
  /** What people call it. */
  name: z.string().min(1).max(100),
  /** Terms under which the pictures may be used, and where they come from. */
  licence: z.string().max(200).optional(),
  origin: z.string().max(500).optional(),
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
    ),
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
  /**
   * The square a lip-sync model is shown of each frame, [x, y, width, height] in pixels of the picture, fractions
   * welcome: lips at 60 % of its height, chin at 87 %. It may reach over the picture's edge.
   */
  boxes: z.array(z.tuple([number, number, number.positive(), number.positive()])),
});

/** The contents of an `avatar.yaml`, defaults filled in. */
export type Manifest = z.output<typeof schema>;

/** What one writes: defaults may be left out. */
export type ManifestInput = z.input<typeof schema>;

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
  const read = schema.safeParse(document.toJS());
  if (!read.success) {
    const issue = read.error.issues[0]!;
    const field = issue.path.join('.');
    const came: unknown = issue.path.reduce<unknown>(
      (at, key) => (at as Record<PropertyKey, unknown>)?.[key],
      document.toJS(),
    );
    const shown = came === undefined ? 'nothing' : JSON.stringify(came)?.slice(0, 80);
    return refuse(
      lineOf(issue.path),
      field ? `${field}: ${issue.message}; received ${shown}.` : `${issue.message}.`,
    );
  }
  const manifest = read.data;
  if (manifest.boxes.length !== manifest.frames) {
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

/** Name of the picture of one frame, relative to the avatar's folder. */
export function frameFile({ files }: Pick<Manifest, 'files'>, frame: number): string {
  return files.replace(/%0?(\d{0,2})d/, (_, digits: string) =>
    String(frame).padStart(Number(digits || 0), '0'),
  );
}

/** Writes a manifest, one box per line. `about` becomes comment lines at the top. */
export function formatManifest(manifest: ManifestInput, about: readonly string[]): string {
  const { boxes, framings = [], ...rest } = manifest;
  const fields = stringify(rest, { lineWidth: 0 }).trimEnd();
  const windows = framings.length > 0 ? [`framings: ${JSON.stringify(framings).replaceAll(',', ', ')}`] : [];
  const rows = boxes.map((box) => `  - [${box.map((v) => Math.round(v * 1000) / 1000).join(', ')}]`);
  return [...about.map((line) => `# ${line}`), fields, ...windows, 'boxes:', ...rows, ''].join('\n');
}
