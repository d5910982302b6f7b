/**
 * `talkgraph say`: a text to a sound file, by any voice.
 */
import { open } from 'node:fs/promises';
import { TalkError } from '../element/error.js';
import { WAVE_HEAD, waveHead } from '../element/wave.js';
import { closeVoices, type SpeechChunk, speak, type VoiceOptions } from '../voice/index.js';
import { EXIT, UsageError } from './exit.js';
import { readOptions } from './options.js';
import type { Terminal } from './terminal.js';

export const help = `
talkgraph say TEXT -o FILE.wav [--voice VOICE] [--rate HZ] [OPTION=VALUE …]

Says a text and writes it to a WAV file as it is made. "talkgraph voices" lists who can speak, "talkgraph voices ENGINE" what can be
set, as pitch=60. Several voices, as edge/en-US-AriaNeural,flite: where one cannot speak, the next one does.

  -o, --output FILE   the file to write; - is the standard output
  --voice VOICE       ENGINE/NAME (flite/slt)
  --rate HZ           samples per second (24000)
  --speed FACTOR      1 as usual
  --ref-file FILE     recording, or name of a voice of the service, to speak like
  --ref-text TEXT     what is said in the recording
`;

/** Says a text into a file. */
export async function run(args: string[], terminal: Terminal): Promise<number> {
  const { values, positionals } = readOptions(args, {
    output: { type: 'string', short: 'o' },
    voice: { type: 'string' },
    rate: { type: 'string' },
    speed: { type: 'string' },
    'ref-file': { type: 'string' },
    'ref-text': { type: 'string' },
  });
  const [text, ...settings] = positionals;
  if (text === undefined) throw new UsageError('there is nothing to say');
  if (values.output === undefined)
    throw new UsageError('there is no file to write to', 'Name one: -o speech.wav');
  const rate = values.rate === undefined ? 24_000 : Number(values.rate);
  if (!Number.isInteger(rate) || rate < 8000 || rate > 48_000) {
    throw new UsageError(`expected a number from 8000 to 48000 for --rate but received "${values.rate}"`);
  }
  const control = new AbortController();
  const off = terminal.onInterrupt(() => control.abort());
  const began = performance.now();
  const told: { first?: number; samples: number } = { samples: 0 };
  try {
    const speech = speak({
      text,
      rate,
      signal: control.signal,
      options: {
        ...toOptions(settings),
        ...(values.speed !== undefined && { speed: values.speed }),
        ...(values['ref-file'] !== undefined && { 'ref-file': values['ref-file'] }),
        ...(values['ref-text'] !== undefined && { 'ref-text': values['ref-text'] }),
      },
      ...(values.voice !== undefined && { voice: values.voice }),
    });
    await write(values.output, rate, terminal, async (put) => {
      for await (const chunk of speech) {
        told.first ??= performance.now() - began;
        told.samples += chunk.samples.length;
        await put(chunk);
      }
    });
    if (speech.failure !== undefined) throw speech.failure;
    if (speech.warning !== undefined)
      terminal.err(`${terminal.paint('warning', 'warning:')} ${speech.warning.message}\n`);
  } finally {
    off();
    await closeVoices();
  }
  if (control.signal.aborted) return EXIT.interrupted;
  const [seconds, took] = [told.samples / rate, (performance.now() - began) / 1000];
  terminal.err(
    `${seconds.toFixed(2)} s of speech in ${took.toFixed(2)} s, the first after ${Math.round(told.first ?? 0)} ms.\n`,
  );
  return EXIT.ok;
}

function toOptions(settings: readonly string[]): VoiceOptions {
  const pairs = settings.map((one): [string, string] => {
    const [, name, value] = /^([a-z][\w-]*)=(.*)$/s.exec(one) ?? [];
    if (name !== undefined && value !== undefined) return [name, value];
    throw new UsageError(
      `expected OPTION=VALUE but received "${one}"`,
      'A text with spaces stands in quotes.',
    );
  });
  return Object.fromEntries(pairs);
}

type Put = (chunk: SpeechChunk) => Promise<void>;

/** Writes a WAV file while `work` puts sound into it. What was made before a failure is a whole file. */
async function write(
  path: string,
  rate: number,
  terminal: Terminal,
  work: (put: Put) => Promise<void>,
): Promise<void> {
  if (path === '-') {
    terminal.bytes(waveHead(rate, 0xffffffff));
    await work(async ({ samples }) => terminal.bytes(toBytes(samples)));
    return;
  }
  let file: Awaited<ReturnType<typeof open>>;
  try {
    file = await open(path, 'w');
  } catch (cause) {
    throw new TalkError('resource/write', `The file ${path} cannot be written.`, {
      cause,
      debug: String(cause),
    });
  }
  let bytes = 0;
  try {
    await file.write(waveHead(rate, 0));
    await work(async ({ samples }) => {
      await file.write(toBytes(samples));
      bytes += samples.byteLength;
    });
  } finally {
    await file.write(waveHead(rate, bytes), 0, WAVE_HEAD, 0);
    await file.close();
  }
}

function toBytes(samples: Int16Array): Uint8Array {
  return new Uint8Array(samples.buffer, samples.byteOffset, samples.byteLength);
}
