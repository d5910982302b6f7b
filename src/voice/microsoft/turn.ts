/**
 * One turn of Microsoft's speech services: a text was sent, and until `turn.end` its sound comes in binary messages and
 * its times in `audio.metadata`, in units of 100 ns from the first sample.
 */
import { TalkError } from '../../element/error.js';
import type { ServiceSocket } from '../../service/socket.js';
import type { SpeechPiece, TimedPhone, TimedWord } from '../engine.js';
import type { Party } from '../remote/refusal.js';
import { nextMessage } from '../remote/socket-engine.js';
import { decodeStream, type PcmFormat } from '../stream/index.js';
import { readMessage } from './message.js';
import { unescaped } from './ssml.js';
import { Visemes } from './visemes.js';

const TICKS = 1e7;

interface Turn {
  readonly party: Party;
  readonly signal: AbortSignal;
  /** What the sound is, where it is bare samples. */
  readonly pcm?: PcmFormat;
  /** Samples in front of the sound that the times do not count; see `StreamOptions`. */
  readonly delay?: number;
}

interface Metadata {
  readonly Type?: string;
  readonly Data?: {
    readonly Offset?: number;
    readonly Duration?: number;
    readonly VisemeId?: number;
    readonly text?: { readonly Text?: string; readonly BoundaryType?: string };
  };
}

/** The sound of the turn with its marks. Throws TalkError when the service goes before the end, or ends without a sound. */
export async function* readTurn(
  socket: ServiceSocket,
  turn: Turn,
): AsyncGenerator<SpeechPiece, void, undefined> {
  let words: TimedWord[] = [];
  let phonemes: TimedPhone[] = [];
  const visemes = new Visemes();
  let sounds = 0;
  let ended = false;

  function note(body: string): void {
    for (const { Type: type, Data: data = {} } of metadataOf(body)) {
      const start = (data.Offset ?? 0) / TICKS;
      if (type === 'Viseme') phonemes.push(...visemes.take(data.VisemeId ?? 0, start));
      const word = unescaped(data.text?.Text ?? '');
      // Punctuation has boundaries, too, and no sound.
      if (type !== 'WordBoundary' || !/[\p{L}\p{N}]/u.test(word)) continue;
      words.push({ word, start, end: start + (data.Duration ?? 0) / TICKS });
    }
  }

  async function* bytes(): AsyncGenerator<Uint8Array, void, undefined> {
    for (;;) {
      const data = await nextMessage(socket, turn);
      if (data === undefined) return;
      const message = readMessage(data);
      if (message === undefined) continue;
      const { path, body } = message;
      if (typeof body !== 'string') {
        sounds += body.length;
        if (path === 'audio' && body.length > 0) yield body;
      } else if (path === 'audio.metadata') note(body);
      else if (path === 'turn.end') {
        ended = true;
        return;
      }
    }
  }

  let samples = 0;
  let rate = turn.pcm?.rate ?? 24000;
  const { signal, pcm, delay = 0 } = turn;
  const sound = decodeStream(bytes(), { signal, delay, ...(pcm !== undefined && { pcm }) });
  for await (const piece of sound) {
    ({ rate } = piece);
    samples += piece.samples.length;
    yield { ...piece, ...(words.length > 0 && { words }), ...(phonemes.length > 0 && { phonemes }) };
    words = [];
    phonemes = [];
  }
  if (!ended) return;
  if (sounds === 0) throw soundless(turn.party);
  phonemes.push(...visemes.end(samples / rate));
  if (words.length + phonemes.length > 0) yield { samples: new Int16Array(0), rate, words, phonemes };
}

function metadataOf(body: string): readonly Metadata[] {
  try {
    const value = JSON.parse(body) as { Metadata?: unknown } | null;
    return Array.isArray(value?.Metadata) ? value.Metadata : [];
  } catch {
    // Times that cannot be read are times that are missing; the sound is worth more.
    return [];
  }
}

/** A voice that it does not have, or that cannot read the text, ends a turn without a word about it. */
function soundless({ engine, host }: Party): TalkError {
  return new TalkError(
    'stream/wrong-type',
    `${host} gave no sound for the voice ${engine}: expected a voice it has, and a text in that voice's language.`,
    { details: { engine, host } },
  );
}
