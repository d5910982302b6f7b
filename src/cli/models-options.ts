/**
 * The options of `talkgraph models import`.
 */
import type { ImportOptions } from '../checkpoint/index.js';
import { didYouMean } from '../graph/similar.js';
import { FEATURES } from '../inference/index.js';
import { UsageError } from './exit.js';
import { noMoreThan, readOptions } from './options.js';

/** What was asked for. */
export interface ImportRequest {
  readonly file: string;
  /** Run it once afterwards. */
  readonly run: boolean;
  readonly options: ImportOptions;
}

/** Reads the words behind `models import`. Throws UsageError. */
export function importOptions(args: readonly string[]): ImportRequest {
  // A negative number looks like an option to the parser, unless it is joined to its own.
  const joined = args.map((arg, i) =>
    arg === '--window-offset-ms' && /^-\d/.test(args[i + 1] ?? '') ? `${arg}=${args[i + 1]}` : arg,
  );
  const words = joined.filter((_, i) => i === 0 || args[i - 1] === joined[i - 1]);
  const { values, positionals } = readOptions(words, {
    name: { type: 'string' },
    fp16: { type: 'boolean' },
    size: { type: 'string' },
    features: { type: 'string' },
    'window-offset-ms': { type: 'string' },
    licence: { type: 'string' },
    vae: { type: 'string' },
    'vae-encoder': { type: 'string' },
    replace: { type: 'boolean' },
    'no-run': { type: 'boolean' },
  });
  noMoreThan(1, positionals);
  const [file] = positionals;
  if (file === undefined) throw new UsageError('which file should be imported?');
  const { name, features } = values;
  if (name === undefined) throw new UsageError('what should the model be called?', `"--name NAME" says it.`);
  if (features !== undefined && !FEATURES.some((kind) => kind === features)) {
    throw new UsageError(`there are no features "${features}"${didYouMean(features, FEATURES)}`);
  }
  const size = number('--size', values.size, /^\d{1,4}$/);
  const windowOffsetMs = number('--window-offset-ms', values['window-offset-ms'], /^-?\d{1,3}(\.\d+)?$/);
  return {
    file,
    run: values['no-run'] !== true,
    options: {
      name,
      fp16: values.fp16 === true,
      replace: values.replace === true,
      ...(size === undefined ? {} : { size }),
      ...(features === undefined ? {} : { features }),
      ...(windowOffsetMs === undefined ? {} : { windowOffsetMs }),
      ...(values.licence === undefined ? {} : { licence: values.licence }),
      ...(values.vae === undefined ? {} : { vae: values.vae }),
      ...(values['vae-encoder'] === undefined ? {} : { vaeEncoder: values['vae-encoder'] }),
    },
  };
}

/** What `models` answers to a word it does not know. */
export function noWord(word: string): UsageError {
  return new UsageError(`models knows no "${word}"${didYouMean(word, ['import', 'pull', 'check'])}`);
}

function number(option: string, text: string | undefined, form: RegExp): number | undefined {
  if (text === undefined) return undefined;
  if (!form.test(text)) throw new UsageError(`${option} takes a number, not "${text}"`);
  return Number(text);
}
