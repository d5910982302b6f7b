/**
 * A FunASR server over its WebSocket, in the modes `2pass` (pieces while somebody speaks, then the sentence), `online` or `offline`.
 *
 * Settings: `url` (`ws://127.0.0.1:10095`), `mode`, `hotwords` (JSON of words and weights, or words with blanks between). One
 * connection per turn. Sound goes out as it comes and waits for nothing but the opening of the connection.
 */
import { TalkError } from '../../../element/error.js';
import { broken, type Party } from '../../../service/refusal.js';
import { ServiceSocket } from '../../../service/socket.js';
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
    const url = new URL(addressOf(settings));
    const party: Party = {
      what: 'the recogniser',
      host: url.host,
      hide: [],
      expects: 'a transcription',
      discreet: true,
    };
    const socket = await ServiceSocket.open(url, { party, signal, protocols: ['binary'], openMs: OPEN_MS });
    try {
      const turn = new Turn(socket, party, partial);
      await Promise.race([turn.speak(sound, settings), turn.words]);
      turn.end();
      return await turn.words;
    } finally {
      socket.terminate();
    }
  }
}

/** One turn over an open connection: speaks, and understands what the server says until that was all. */
class Turn {
  /** All that was understood. Rejects with TalkError. */
  readonly words: Promise<string>;
  readonly #socket: ServiceSocket;
  readonly #party: Party;
  readonly #partial: (text: string) => void;
  readonly #heard = new FunasrWords();
  #ending = false;
  /** A server that never says that it is done has said nothing for long enough. */
  #silent = false;
  #grace: NodeJS.Timeout | undefined;

  constructor(socket: ServiceSocket, party: Party, partial: (text: string) => void) {
    this.#socket = socket;
    this.#party = party;
    this.#partial = partial;
    this.words = this.#listen().finally(() => clearTimeout(this.#grace));
    // Whoever awaits it is told.
    this.words.catch(() => undefined);
  }

  /** Sends a turn; resolves when all of it has been given to the network. */
  async speak(sound: AsyncIterable<Int16Array>, settings: RecogniserSettings): Promise<void> {
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
    this.#socket.send(JSON.stringify(start));
    for await (const piece of sound) {
      if (!this.#socket.open) return;
      if (this.#socket.unsent > MOST_WAITING)
        throw broken(this.#party, new Error('takes no sound'), 'answer');
      this.#socket.send(Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength));
    }
    this.#socket.send(JSON.stringify({ is_speaking: false }));
  }

  /** Nothing more is said: the next sentence that is whole may be the last. */
  end(): void {
    this.#ending = true;
  }

  async #listen(): Promise<string> {
    try {
      for (let said = await this.#socket.next(); said !== undefined; said = await this.#socket.next()) {
        if (this.#take(said)) return this.#heard.text;
      }
    } catch (error) {
      if (!this.#allSaid) throw error;
    }
    // A server that closes behind its last sentence has said all.
    if (this.#allSaid) return this.#heard.text;
    throw broken(this.#party, new Error('closed too early'), 'answer');
  }

  get #allSaid(): boolean {
    return this.#silent || (this.#ending && this.#heard.text !== '');
  }

  /** True when this was the last message. */
  #take(said: string | Uint8Array): boolean {
    const result = typeof said === 'string' ? FunasrResult.safeParse(parse(said)).data : undefined;
    if (result === undefined) {
      const message = `The recogniser at ${this.#party.host} sent what is no transcription.`;
      throw new TalkError('stream/format', message);
    }
    const text = this.#heard.take(result);
    if (!this.#ending) this.#partial(text);
    else if (result.is_final) return true;
    else if (!result.mode.endsWith('online')) {
      clearTimeout(this.#grace);
      this.#grace = setTimeout(() => {
        this.#silent = true;
        this.#socket.terminate();
      }, GRACE_MS);
    }
    return false;
  }
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

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
