/**
 * A FunASR server over its WebSocket, in the modes `2pass` (pieces while somebody speaks, then the sentence), `online` or `offline`.
 *
 * Settings: `url` (`ws://127.0.0.1:10095`), `mode`, `hotwords` (JSON of words and weights, or words with blanks between). One
 * connection per turn. Sound goes out as it comes and waits for nothing but the opening of the connection.
 */
import WebSocket from 'ws';
import { TalkError } from '../../../element/error.js';
import { EAR_RATE } from '../detector.js';
import { FUNASR_MODES, type FunasrMode, FunasrResult, FunasrWords } from '../funasr.js';
import {
  type RecogniseRequest,
  Recogniser,
  type RecogniserInfo,
  type RecogniserSettings,
} from '../recogniser.js';

/** ms until the connection must be open. */
const OPEN_MS = 5000;
/** ms without a further sentence after which a server that never says `is_final` has said all. */
const GRACE_MS = 250;
/** Bytes that may wait for the network: a minute of sound. More means that it does not take any. */
const MOST_WAITING = 2 << 20;

export default class FunasrRecogniser extends Recogniser {
  readonly info: RecogniserInfo = {
    name: 'funasr',
    longName: 'FunASR',
    description: 'A FunASR server over WebSocket: Paraformer, SenseVoice, with words while one speaks',
    streaming: true,
    environment: ['FUNASR_URL'],
  };

  override check(settings: RecogniserSettings): void {
    addressOf(settings);
    modeOf(settings);
  }

  async recognise({ sound, settings, signal, partial }: RecogniseRequest): Promise<string> {
    const socket = new WebSocket(addressOf(settings), ['binary'], { handshakeTimeout: OPEN_MS });
    const over = () => socket.terminate();
    signal.addEventListener('abort', over, { once: true });
    try {
      const words = listen(socket, partial);
      await Promise.race([opened(socket), words.done]);
      await Promise.race([speak(socket, sound, settings), words.done]);
      words.expectEnd();
      return await words.done;
    } finally {
      signal.removeEventListener('abort', over);
      socket.terminate();
    }
  }
}

/** Understands what the server says until that was all. */
function listen(socket: WebSocket, partial: (text: string) => void) {
  const words = new FunasrWords();
  let grace: NodeJS.Timeout | undefined;
  let ending = false;
  let settle: (text: string) => void = () => undefined;
  const done = new Promise<string>((resolve, reject) => {
    settle = resolve;
    socket.on('message', (data, binary) => {
      const result = binary ? undefined : FunasrResult.safeParse(parse(String(data))).data;
      if (result === undefined) {
        reject(
          new TalkError(
            'stream/format',
            `The recogniser at ${hostOf(socket)} sent what is no transcription.`,
          ),
        );
        return;
      }
      const text = words.take(result);
      if (!ending) partial(text);
      else if (result.is_final) resolve(text);
      else if (!result.mode.endsWith('online')) {
        clearTimeout(grace);
        grace = setTimeout(() => settle(words.text), GRACE_MS);
      }
    });
    socket.on('error', (cause) => reject(unreachable(socket, cause)));
    socket.on('close', () => {
      clearTimeout(grace);
      // A server that closes behind its last sentence has said all.
      if (ending && words.text !== '') resolve(words.text);
      else reject(unreachable(socket));
    });
  });
  done.catch(() => undefined);
  return {
    done,
    expectEnd() {
      ending = true;
    },
  };
}

function opened(socket: WebSocket): Promise<void> {
  return new Promise((resolve) => socket.once('open', () => resolve()));
}

/** Sends a turn; resolves when all of it has been given to the network. */
async function speak(
  socket: WebSocket,
  sound: AsyncIterable<Int16Array>,
  settings: RecogniserSettings,
): Promise<void> {
  const start = {
    mode: modeOf(settings),
    wav_name: 'turn',
    wav_format: 'pcm',
    audio_fs: EAR_RATE,
    is_speaking: true,
    chunk_size: [5, 10, 5],
    chunk_interval: 10,
    itn: true,
    ...(settings.hotwords && { hotwords: settings.hotwords }),
  };
  socket.send(JSON.stringify(start));
  for await (const piece of sound) {
    if (socket.readyState !== WebSocket.OPEN) return;
    if (socket.bufferedAmount > MOST_WAITING) throw unreachable(socket);
    socket.send(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
  }
  socket.send(JSON.stringify({ is_speaking: false }));
}

/** @throws TalkError resource/settings */
function addressOf(settings: RecogniserSettings): string {
  const url = settings.url || process.env['FUNASR_URL'] || '';
  if (/^wss?:\/\/[^/?#@]+([/?].*)?$/.test(url) && URL.canParse(url)) return url;
  throw new TalkError(
    'resource/settings',
    'Expected the address of a FunASR server, like ws://127.0.0.1:10095, as url or FUNASR_URL.',
  );
}

function modeOf({ mode = '' }: RecogniserSettings): FunasrMode {
  const found = FUNASR_MODES.find((one) => one === (mode || '2pass'));
  if (found !== undefined) return found;
  throw new TalkError(
    'resource/settings',
    `Expected ${FUNASR_MODES.join(', ')} as mode of FunASR but received "${mode}".`,
  );
}

function unreachable(socket: WebSocket, cause?: unknown): TalkError {
  return new TalkError(
    'resource/unreachable',
    `The recogniser at ${hostOf(socket)} cannot be reached or has gone.`,
    {
      retryable: true,
      ...(cause === undefined ? {} : { debug: (cause as Error).message }),
    },
  );
}

const hostOf = (socket: WebSocket): string => new URL(socket.url).host;

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
