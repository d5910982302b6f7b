/**
 * The tools a language model may use, as a file declares them: YAML (or JSON, which is YAML), read when a session starts.
 *
 *     tools:
 *       - name: weather
 *         description: The weather of a place, now
 *         parameters: { type: object, properties: { place: { type: string } }, required: [place] }
 *         url: http://127.0.0.1:9000/weather
 *         key: WEATHER_KEY        # environment variable, sent as bearer
 *         timeout: 5              # s
 *         say: Let me look outside.
 *
 * `parameters` is JSON Schema, as chat servers take it: https://platform.openai.com/docs/guides/function-calling
 */
import { readFile } from 'node:fs/promises';
import { parseDocument } from 'yaml';
import { z } from 'zod';
import { TalkError } from '../../element/error.js';

/** Bytes of a file of tools. */
const LARGEST = 1 << 20;
/** As many as OpenAI takes. */
const MOST = 128;

const address = z
  .string()
  .refine(isAddress, 'expected an address like http://127.0.0.1:9000/weather, without a password in it')
  .transform((text) => new URL(text));

const tool = z.strictObject({
  name: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, 'expected up to 64 letters, digits, - or _'),
  /** What the model is told of it. */
  description: z.string().min(1).max(4000),
  /** Where its arguments are posted to. */
  url: address,
  /** JSON Schema of the arguments, an object. */
  parameters: z.looseObject({ type: z.literal('object') }).default({ type: 'object', properties: {} }),
  /** Environment variable that holds its key. */
  key: z
    .string()
    .regex(/^[A-Za-z_][A-Za-z0-9_]*$/, 'expected the name of an environment variable')
    .optional(),
  /** Seconds it may take. */
  timeout: z.number().min(0.1).max(60).default(10),
  /** Said while it works, unless the model has said something itself. */
  say: z.string().max(300).default(''),
});

const schema = z.strictObject({ tools: z.array(tool).min(1).max(MOST) });

export type Tool = z.infer<typeof tool>;

/** Reads a file. @throws TalkError resource/not-found, resource/read, resource/settings */
export async function readTools(file: string): Promise<readonly Tool[]> {
  const text = await readFile(file, 'utf8').catch((cause: NodeJS.ErrnoException) => {
    const missing = cause.code === 'ENOENT';
    const message = missing ? `There is no file ${file} of tools.` : `The tools in ${file} cannot be read.`;
    throw new TalkError(missing ? 'resource/not-found' : 'resource/read', message, { cause });
  });
  if (text.length > LARGEST) throw wrong(file, `expected at most ${LARGEST >> 20} MB`);
  const document = parseDocument(text);
  const [broken] = document.errors;
  if (broken !== undefined) throw wrong(file, broken.message);
  const { data, error } = schema.safeParse(document.toJS());
  if (error !== undefined) {
    const issues = error.issues.map(({ path, message }) => `${path.join('.') || 'file'}: ${message}`);
    throw wrong(file, issues.join('; '));
  }
  const names = data.tools.map(({ name }) => name);
  const twice = names.find((name, n) => names.indexOf(name) !== n);
  if (twice !== undefined) throw wrong(file, `the name ${twice} stands for two tools`);
  for (const { name, key } of data.tools) {
    if (key !== undefined && !process.env[key])
      throw wrong(
        file,
        `the tool ${name} wants its key in the environment variable ${key}, which is not set`,
      );
  }
  return data.tools;
}

function isAddress(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '';
}

function wrong(file: string, what: string): TalkError {
  return new TalkError('resource/settings', `The tools in ${file} are not right: ${what}.`, {
    details: { file },
  });
}
