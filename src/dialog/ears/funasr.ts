/**
 * The messages of FunASR's WebSocket protocol, which its server and its pages speak:
 * https://github.com/modelscope/FunASR/blob/main/runtime/docs/websocket_protocol.md
 *
 * A client sends a JSON message with `is_speaking: true`, then PCM (16 bits, mono) in binary messages, then `is_speaking: false`. The server
 * answers with messages of one sentence or a piece of one; in the mode `2pass` pieces come as `2pass-online` while somebody speaks,
 * and the whole sentence again, better understood, as `2pass-offline`.
 */
import { z } from 'zod';

export const FUNASR_MODES = ['2pass', 'online', 'offline'] as const;
export type FunasrMode = (typeof FUNASR_MODES)[number];

/** A key that may be missing, or null as clients in Python write it. */
const maybe = <T>(schema: z.ZodType<T>) => schema.nullish().transform((value) => value ?? undefined);

/** The beginning and the end of what a client says; what else it says of its frames is not looked at. */
export const FunasrStart = z.object({
  is_speaking: z.boolean(),
  mode: maybe(z.enum(FUNASR_MODES)),
  wav_name: maybe(z.string().max(200)),
  wav_format: maybe(z.string().max(20)),
  audio_fs: maybe(z.coerce.number().int()),
  hotwords: maybe(
    z.union([
      z.string().max(10_000),
      // Its documents have them as a text that is JSON, and its users as JSON.
      z.record(z.string().max(100), z.number()).transform((words) => JSON.stringify(words)),
    ]),
  ),
});

/** What a server understood. */
export const FunasrResult = z.object({
  text: z.string().default(''),
  mode: z.string().default('offline'),
  is_final: z.boolean().default(false),
});

/** Puts a server's messages together to the words of one turn. */
export class FunasrWords {
  /** Sentences that are understood for good. */
  #settled = '';
  /** Pieces of the one that is being said. */
  #open = '';

  /** Takes a message; the words so far. */
  take({ text, mode }: z.infer<typeof FunasrResult>): string {
    if (mode === 'online' || mode === '2pass-online') this.#open = joinWords(this.#open, text);
    else {
      this.#settled = joinWords(this.#settled, text);
      this.#open = '';
    }
    return this.text;
  }

  get text(): string {
    return joinWords(this.#settled, this.#open);
  }
}

/** Pieces of Chinese join as they are, those of other languages with the blank that a server may have left out. */
function joinWords(a: string, b: string): string {
  const blank = /[A-Za-z0-9.,!?;:]$/.test(a) && /^[A-Za-z0-9]/.test(b);
  return `${a}${blank ? ' ' : ''}${b}`;
}
