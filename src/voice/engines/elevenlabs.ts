/**
 * ElevenLabs: `POST /v1/text-to-speech/VOICE/stream/with-timestamps`,
 * https://elevenlabs.io/docs/api-reference/text-to-speech/stream-with-timestamps
 *
 * One JSON object for each piece: samples in base64, and the letters that were said with their times, of which words are made.
 */
import { TalkError } from '../../element/error.js';
import { type Answer, beginning, type Call } from '../../service/http.js';
import { lines } from '../../service/sse.js';
import type { SpeechPiece, TimedWord, VoiceInfo } from '../engine.js';
import { type Ask, below } from '../remote/engine.js';
import { HttpEngine, json } from '../remote/http-engine.js';
import { type Party, quote, wrongType } from '../remote/refusal.js';
import { decodeStream } from '../stream/index.js';

const OPTIONS = {
  server: {
    type: 'address',
    blurb: 'the address, where something stands in front of it',
    environment: ['ELEVENLABS_SERVER'],
    default: 'https://api.elevenlabs.io',
  },
  key: {
    type: 'secret',
    blurb: 'the key of the account',
    environment: ['ELEVENLABS_API_KEY', 'ELEVEN_API_KEY'],
    needed: true,
  },
  model: { type: 'string', blurb: 'the model that speaks', default: 'eleven_flash_v2_5' },
  'ref-file': { type: 'string', blurb: 'id of the voice' },
  language: { type: 'string', blurb: 'two letters, where the model should not find out' },
  speed: { type: 'number', blurb: 'speed, 1 as usual', min: 0.7, max: 1.2 },
  stability: { type: 'number', blurb: 'from varied to even', min: 0, max: 1 },
  similarity: { type: 'number', blurb: 'how near to the voice', min: 0, max: 1 },
} as const;

type ElevenAsk = Ask<typeof OPTIONS>;
const RATE = 24000;

interface Piece {
  readonly audio_base64?: string;
  readonly alignment?: {
    readonly characters: readonly string[];
    readonly character_start_times_seconds: readonly number[];
    readonly character_end_times_seconds: readonly number[];
  } | null;
}

export default class ElevenLabsEngine extends HttpEngine<typeof OPTIONS> {
  readonly info = {
    name: 'elevenlabs',
    longName: 'ElevenLabs',
    description: "ElevenLabs' voices, with the time of every word",
    // Rachel, one of those every account has.
    defaultVoice: '21m00Tcm4TlvDq8ikWAM',
    text: 'sentences',
    streaming: true,
    marks: ['word'],
    repeatable: false,
    options: OPTIONS,
    remote: {
      protocol: 'HTTPS POST /v1/text-to-speech/VOICE/stream/with-timestamps, PCM',
      cloning: 'on the service',
      seen: 'fake',
    },
  } as const;

  protected call({ text, name, settings }: ElevenAsk): Call {
    const { server, key, model, language, speed, stability, similarity } = settings;
    const url = below(server, `v1/text-to-speech/${encodeURIComponent(name)}/stream/with-timestamps`);
    url.searchParams.set('output_format', `pcm_${RATE}`);
    const wishes = {
      ...(speed !== undefined && { speed }),
      ...(stability !== undefined && { stability }),
      ...(similarity !== undefined && { similarity_boost: similarity }),
    };
    const body = json({
      text,
      model_id: model,
      ...(language !== undefined && { language_code: language }),
      ...(Object.keys(wishes).length > 0 && { voice_settings: wishes }),
    });
    return { url, ...body, headers: { ...body.headers, 'xi-api-key': key } };
  }

  protected override async *sound({ party, signal }: ElevenAsk, answer: Answer): AsyncIterable<SpeechPiece> {
    if (/html|^text\/plain/.test(answer.type))
      throw wrongType(party, answer.type, await beginning(answer.body));
    let words: TimedWord[] = [];
    const speaker = new Words();
    async function* bytes(): AsyncGenerator<Uint8Array, void, undefined> {
      for await (const line of lines(answer.body)) {
        if (line.trim() === '') continue;
        const piece = parse(line, party);
        words.push(...speaker.take(piece.alignment));
        if (piece.audio_base64) yield Buffer.from(piece.audio_base64, 'base64');
      }
      words.push(...speaker.end());
    }
    const pcm = { encoding: 's16', rate: RATE, channels: 1 } as const;
    for await (const piece of decodeStream(bytes(), { signal, pcm })) {
      yield words.length > 0 ? { ...piece, words } : piece;
      words = [];
    }
    if (words.length > 0) yield { samples: new Int16Array(0), rate: RATE, words };
  }

  /** A key whose characters are used up is refused by 401, too. */
  protected override explain(status: number, body: string, party: Party): TalkError | undefined {
    if (status !== 401 || !body.includes('"quota_exceeded"')) return undefined;
    return new TalkError(
      'resource/quota',
      `The account of the voice elevenlabs is used up. It says: "${quote(body, party)}"`,
      {
        details: { engine: 'elevenlabs', host: party.host, status },
      },
    );
  }

  protected override async list({ settings, party, signal }: ElevenAsk): Promise<readonly VoiceInfo[]> {
    const call: Call = {
      url: below(settings.server, 'v1/voices'),
      method: 'GET',
      headers: { 'xi-api-key': settings.key },
    };
    const told = (await this.http.json(call, party, signal)) as {
      voices?: { voice_id: string; name?: string; labels?: Record<string, string> }[];
    };
    return (told.voices ?? []).map(({ voice_id: name, name: description = '', labels = {} }) => {
      const gender = labels['gender'];
      return {
        name,
        language: labels['language'] ?? 'mul',
        description,
        ...(gender === 'female' || gender === 'male' ? { gender } : {}),
      };
    });
  }
}

function parse(line: string, party: Party): Piece {
  try {
    return JSON.parse(line) as Piece;
  } catch {
    throw wrongType(party, 'something else than JSON', line.slice(0, 4096));
  }
}

/** Words out of letters that come in pieces. */
class Words {
  #letters = '';
  #start = 0;
  #end = 0;

  *take(alignment: Piece['alignment']): Generator<TimedWord> {
    if (!alignment) return;
    for (const [n, letter] of alignment.characters.entries()) {
      if (/^\s*$/.test(letter)) {
        yield* this.end();
        continue;
      }
      if (this.#letters === '') this.#start = alignment.character_start_times_seconds[n] ?? this.#end;
      this.#letters += letter;
      this.#end = alignment.character_end_times_seconds[n] ?? this.#end;
    }
  }

  *end(): Generator<TimedWord> {
    const word = this.#letters.replace(/^[^\p{L}\p{N}]+|[^\p{L}\p{N}]+$/gu, '');
    if (word !== '') yield { word, start: this.#start, end: this.#end };
    this.#letters = '';
  }
}
