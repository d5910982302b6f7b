/** Which voice a request over the network asks for, and which it may not. */
import {
  closedOption,
  engineOf,
  isLocal,
  knownOptions,
  resolveVoices,
  shareOptions,
  splitVoices,
  type VoiceOptions,
  withQuery,
} from '../voice/index.js';

/** What LiveTalking's clients set for what is said: `ref_file`, `ref_text`, `speed` and the like. */
export type Wishes = Readonly<Record<string, string | number | boolean | null | undefined>>;

/** The voice a request asks for, with what is set for it, empty for the session's own; or why it is refused. */
export type Asked = { readonly voice: string } | { readonly refused: string };

/**
 * The voice that `ref_file` (or `voice`) and the options beside it ask for. A name without an engine is one of the engine that the
 * session speaks with. Throws TalkError for a value that its engine does not take.
 * @param current the session's own voice, or voices
 */
export async function askedVoice(current: string, wishes: Wishes): Promise<Asked> {
  const { ref_file, voice: plain, ...rest } = wishes;
  const given = (value: Wishes[string]): value is string | number | boolean => value != null && value !== '';
  const name = String([ref_file, plain].find(given) ?? '');
  const options = Object.fromEntries(
    Object.entries(rest).filter((pair): pair is [string, string | number | boolean] => given(pair[1])),
  );
  const wished = Object.keys(options).length > 0;
  if (name === '' && !wished) return { voice: '' };
  const [own = ''] = await splitVoices(current);
  const engine = await engineOf(own);
  // A path is a recording of the session's own engine: on the service's machine, as GPT-SoVITS has them, or it is refused below.
  const path = name.startsWith('/');
  const whole =
    name === '' ||
    (name.includes('/') && !path) ||
    engine === undefined ||
    (await engineOf(name)) !== undefined;
  const voice = whole ? name : `${engine}/${name}`;
  if (await isLocal(voice)) return { refused: `Expected the name of a voice but received '${name}'.` };
  return wished || name.includes('?') ? await withWishes(voice, current, options) : { voice };
}

async function withWishes(voice: string, current: string, wishes: VoiceOptions): Promise<Asked> {
  const voices = await resolveVoices(voice || current);
  const engines = voices.map(({ engine }) => engine.info);
  // Their clients send what their documents name (`emotion`), which most engines have not: it changes nothing there either.
  const shared = shareOptions(engines, knownOptions(engines, wishes));
  const names: string[] = [];
  for (const [n, { engine, name, options }] of voices.entries()) {
    // What the session's own voice has was set by whoever runs the server.
    const asked = voice === '' ? shared[n] : { ...options, ...shared[n] };
    const closed = closedOption(engine.info.options, asked);
    if (closed !== undefined)
      return {
        refused: `The option ${closed} of the voice ${engine.name} is set by whoever runs the server.`,
      };
    names.push(withQuery(name, { ...options, ...shared[n] }));
  }
  return { voice: names.join(',') };
}
