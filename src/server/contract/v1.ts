/** Requests and answers of the routes under `/v1`; the OpenAPI document is made of these types. */
import { z } from 'zod';
import { BARGE_IN, TURNS } from '../../session/ears.js';

/** Characters one request may ask to say. */
const LONGEST = 100_000;
/** What OpenAI's speech interface takes. */
const LONGEST_SPEECH = 4096;

const scalar = z.union([z.string().max(10_000), z.number(), z.boolean()]);
const voice = z.string().max(200).describe('ENGINE/NAME');
const bargeIn = z.enum(BARGE_IN).describe('what takes the turn while the face speaks');
const turns = z.enum(TURNS).describe('what makes a turn: speech, or a button');
const id = z
  .string()
  .regex(/^[A-Za-z0-9_.-]{1,64}$/)
  .describe('what its events call it');

export const NewSession = z.strictObject({
  graph: z.string().max(64).optional().describe('one of GET /v1/graphs; the usual one when left out'),
  text: z
    .string()
    .max(200_000)
    .optional()
    .describe('a graph of your own in its place, YAML; where the server lets graphs be edited'),
  parameters: z.record(z.string().max(64), scalar).default({}).describe('of that graph'),
});

export const NewParameters = z.strictObject({
  parameters: z.record(z.string().max(64), scalar).describe('of the session’s graph; the others stay'),
});

export const Parameters = z.object({ parameters: z.record(z.string(), scalar) });

export const Say = z.strictObject({
  text: z.string().max(LONGEST),
  voice: voice.optional(),
  id: id.optional(),
  interrupt: z.boolean().default(false).describe('silences the session first'),
  answer: z.boolean().default(false).describe('has the language model of the session answer it'),
});

export const NewVoice = z.strictObject({ voice: voice.describe('ENGINE/NAME; empty: as the server is set') });

export const NewOutput = z.strictObject({
  url: z.string().max(2000).describe('rtmp://HOST/APPLICATION/KEY, or the address of a WHIP endpoint'),
});

export const OutputInfo = z.object({
  id: z.string(),
  to: z.string().describe('where it goes, without its key'),
});

export const OutputList = z.object({ outputs: z.array(OutputInfo) });

export const SpeaksWith = z.object({ voice: z.string() });

/** Who may speak over the face, and the button to talk; what is left out stays. */
export const EarWishes = z.object({
  bargeIn: bargeIn.optional(),
  turns: turns.optional(),
  button: z.boolean().optional().describe('the button to talk is pressed, or let go; with push-to-talk'),
});

export const EarsNow = z.object({ bargeIn, turns });

export const Record = z.strictObject({
  action: z.enum(['start', 'end']),
  captions: z
    .union([z.boolean(), z.enum(['none', 'track', 'file', 'both'])])
    .optional()
    .describe(
      'with what is said: as a text track (or true), as a file of WebVTT, or both; counts where a recording starts',
    ),
  segments: z
    .strictObject({
      seconds: z.number().min(1).max(86_400).optional().describe('about so long is each'),
      bytes: z.int().min(100_000).max(1e12).optional().describe('about so large is each at most'),
      keep: z
        .int()
        .min(2)
        .max(100_000)
        .optional()
        .describe('so many are kept, the one that is written included'),
    })
    .refine(({ seconds, bytes }) => seconds !== undefined || bytes !== undefined, 'seconds, bytes or both')
    .optional()
    .describe('in files that each play alone, instead of one; counts where a recording starts'),
});

export const Recorded = z.object({
  recording: z.boolean(),
  location: z
    .string()
    .describe('where the file is once it is finished; that of segments has /segments behind it'),
});

/** As `RTCPeerConnection` takes them. */
export const IceServerList = z.object({
  iceServers: z.array(
    z.object({ urls: z.string(), username: z.string().optional(), credential: z.string().optional() }),
  ),
});

/** A file of a recording in segments. */
export const RecordedSegment = z.object({
  number: z.int().describe('they are counted from 1'),
  bytes: z.int(),
  location: z.string().describe('where it is; its captions have /captions behind it'),
});

/** Those that are finished, and still there. */
export const RecordedSegments = z.object({ segments: z.array(RecordedSegment) });

/** What a socket brings that brings sound. `rate` and `channels` are those of samples; a packet of Opus says its own. */
export const SoundFormat = z.object({
  codec: z
    .enum(['pcm', 'opus'])
    .default('pcm')
    .describe('S16LE samples, or Opus packets, one in each message'),
  rate: z.coerce.number().int().min(8000).max(48_000).default(16_000).describe('Hz'),
  channels: z.coerce.number().int().min(1).max(8).default(1),
});

/** What comes as text between the samples. */
export const PcmMessage = z.union([
  z.object({ type: z.literal('start'), text: z.string().max(LONGEST).default('').describe('its caption') }),
  z.object({ type: z.literal('end') }),
]);

export const Clip = z.strictObject({ name: z.string().min(1).max(64), id: id.optional() });

export const SessionOffer = z.strictObject({
  sdp: z.string().max(200_000),
  type: z.literal('offer').default('offer'),
});

export const SessionAnswer = z.object({ sdp: z.string(), type: z.literal('answer') });

export const SessionInfo = z.object({
  id: z.string(),
  state: z.enum(['starting', 'running', 'ending', 'ended']),
  graph: z.string(),
  avatar: z.string().nullable(),
  model: z.string().nullable(),
  voice: z.string().nullable(),
  speaking: z.boolean(),
  answers: z.boolean().describe('a language model answers'),
});

/** What whoever made a session is told of it. */
export const MadeSession = SessionInfo.extend({
  token: z.string().optional().describe('opens this session alone; where the server has tokens'),
});

export const SessionList = z.object({ sessions: z.array(SessionInfo), limit: z.int() });
export const Utterance = z.object({ id: z.string() });

export const AvatarList = z.object({
  avatars: z.array(z.object({ id: z.string(), name: z.string(), width: z.int(), height: z.int() })),
});

/** As OpenAI lists models, so that its clients can read it. */
export const ModelList = z.object({
  object: z.literal('list'),
  data: z.array(
    z.object({
      id: z.string(),
      object: z.literal('model'),
      created: z.int(),
      owned_by: z.string(),
      family: z.string(),
      size: z.int().describe('side of the mouth patch, px'),
      features: z.string(),
      licence: z.string(),
    }),
  ),
});

export const GraphList = z.object({
  graphs: z.array(
    z.object({
      name: z.string(),
      blurb: z.string(),
      parameters: z.array(
        z.object({
          name: z.string(),
          type: z.string(),
          blurb: z.string().optional(),
          default: scalar.nullable().optional(),
          min: z.number().optional(),
          max: z.number().optional(),
          values: z.array(z.string()).optional(),
        }),
      ),
    }),
  ),
});

/** As `talkgraph voices --json` prints them; an engine has more to tell than this. */
export const VoiceList = z.object({
  engines: z.array(
    z.looseObject({
      name: z.string(),
      unavailable: z.string().optional().describe('what it lacks'),
      voices: z.array(z.looseObject({ name: z.string(), language: z.string() })),
    }),
  ),
  preset: z.string().nullable().describe('ENGINE/NAME that speaks unless somebody wishes for another'),
});

export const Preview = z.object({ voice: z.string().min(1).max(200).describe('ENGINE/NAME') });

/** OpenAI's `POST /v1/audio/speech`; fields of it that are not here are ignored. */
export const Speech = z.object({
  model: z.string().max(200).optional().describe('read and ignored: the voice names its engine'),
  input: z.string().min(1).max(LONGEST_SPEECH),
  voice: z.union([voice, z.object({ id: voice }).transform(({ id: name }) => name)]).default('flite/slt'),
  response_format: z.enum(['mp3', 'opus', 'aac', 'flac', 'wav', 'pcm']).default('mp3'),
  speed: z.number().min(0.25).max(4).default(1),
});

/** RFC 9457. */
export const Problem = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int(),
  detail: z.string(),
  error: z
    .object({ message: z.string(), type: z.string(), param: z.null(), code: z.null() })
    .optional()
    .describe('the same as OpenAI’s clients read it, where they ask'),
});
