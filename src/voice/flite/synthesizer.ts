/**
 * flite as a library, inside one WebAssembly instance.
 *
 * Sound comes out of the vocoder while it runs (flite's own audio streaming hook), the first of it after the analysis of the
 * sentence; segments and words are read from flite's utterance structure, the same numbers `flite -psdur` prints. Facts about structures:
 * festvox/flite include/cst_wave.h, cst_audio.h, cst_utterance.h, cst_voice.h. Blocks its thread while it speaks.
 */
import type { TimedPhone, TimedWord } from '../engine.js';
import { exposeFunctions } from './binary.js';
import { emptyWorld } from './wasi.js';
import { type WasmCall, type WasmMemory, type WasmTable, WebAssembly } from './webassembly.js';

/** The voices inside the package, with what is known about each. */
export const VOICES = ['slt', 'rms', 'awb', 'kal16', 'kal'] as const;
export type FliteVoice = (typeof VOICES)[number];

const FUNCTIONS = [
  '__wasm_call_ctors flite_init malloc free rand audio_stream_chunk',
  'new_utterance delete_utterance utt_set_input_text utt_init utt_synth utt_relation',
  'relation_head item_next item_feat_string item_feat_float ffeature_string path_to_item',
  'feat_set feat_set_float new_audio_streaming_info audio_streaming_info_val',
  ...VOICES.map((voice) => `register_cmu_us_${voice}`),
]
  .join(' ')
  .split(' ');

/** Samples per piece: 50 ms at 16 kHz. */
const PIECE = 800;
const CONTINUE = 0;
const STOP = -1;
/** flite's random numbers, x' = 6364136223846793005 x + 1 (musl's `rand`), begun at 0. */
const RANDOM_FACTOR = 6364136223846793005n;

/** Sound of a request as it is made. Times are seconds from its first sample. */
export interface FlitePiece {
  readonly samples: Int16Array<ArrayBuffer>;
  readonly rate: number;
  /** With the first piece only. */
  readonly phonemes?: readonly TimedPhone[];
  readonly words?: readonly TimedWord[];
}

/** One instance. Not to be used again after anything it does has thrown. */
export class FliteSynthesizer {
  readonly #memory: WasmMemory;
  readonly #call: Readonly<Record<string, WasmCall>>;
  readonly #voices = new Map<string, number>();
  readonly #strings = new Map<string, number>();
  readonly #randomState: number;
  #onChunk: (wave: number, start: number, count: number) => number = () => STOP;

  /** `program`: the bytes of flite.wasm, as the package has them. Takes about 40 ms. Throws Error for another build. */
  constructor(program: Uint8Array) {
    const module = new WebAssembly.Module(exposeFunctions(program, FUNCTIONS));
    const { exports } = new WebAssembly.Instance(
      module,
      emptyWorld(module, () => this.#memory),
    );
    this.#call = exports as Record<string, WasmCall>;
    this.#memory = exports['memory'] as WasmMemory;
    this.#call['__wasm_call_ctors']!();
    this.#call['flite_init']!();
    this.#randomState = this.#findRandomState();
    this.#hook(exports['table'] as WasmTable, exports['audio_stream_chunk']);
    const streaming = this.#call['new_audio_streaming_info']!();
    this.#view().setInt32(streaming, PIECE, true);
    this.#view().setInt32(streaming + 4, this.#slot, true);
    for (const voice of VOICES) {
      const address = this.#call[`register_cmu_us_${voice}`]!(0);
      this.#voices.set(voice, address);
      const features = this.#view().getInt32(address + 4, true);
      const value = this.#call['audio_streaming_info_val']!(streaming);
      this.#call['feat_set']!(features, this.#string('streaming_info'), value);
    }
  }

  /** Bytes of memory the instance has; they never get fewer. */
  get bytes(): number {
    return this.#memory.buffer.byteLength;
  }

  /**
   * Says a text and calls `take` for each piece, in order; says no more when that answers false. `stretch` 2 speaks half as fast. Equal
   * requests give equal samples. Throws Error when flite gave up.
   */
  say(voice: FliteVoice, text: string, stretch: number, take: (piece: FlitePiece) => boolean): void {
    // The vocoder's noise comes from a generator for the whole program: begun anew, a sentence does not depend on the one before.
    this.#view().setBigUint64(this.#randomState, 0n, true);
    const call = this.#call;
    const utterance = call['new_utterance']!();
    let first = true;
    this.#onChunk = (wave, start, count) => {
      const view = this.#view();
      const rate = view.getInt32(wave + 4, true);
      const at = view.getInt32(wave + 16, true) + 2 * start;
      const samples = new Int16Array(this.#memory.buffer.slice(at, at + 2 * count));
      const piece = first ? { samples, rate, ...this.#times(utterance) } : { samples, rate };
      first = false;
      return take(piece) ? CONTINUE : STOP;
    };
    try {
      const input = this.#newString(text);
      call['utt_set_input_text']!(utterance, input);
      call['free']!(input);
      call['utt_init']!(utterance, this.#voices.get(voice)!);
      call['feat_set_float']!(
        this.#view().getInt32(utterance, true),
        this.#string('duration_stretch'),
        stretch,
      );
      call['utt_synth']!(utterance);
      call['delete_utterance']!(utterance);
    } catch (cause) {
      throw new Error('flite gave up', { cause });
    }
  }

  /** Segments and words of an utterance. A word is what stands between two spaces in the text: `$3.14` is one, said as six. */
  #times(utterance: number): { phonemes: TimedPhone[]; words: TimedWord[] } {
    const call = this.#call;
    const phonemes: TimedPhone[] = [];
    const words: TimedWord[] = [];
    let start = 0;
    let lastToken = 0;
    const segments = call['utt_relation']!(utterance, this.#string('Segment'));
    for (let item = call['relation_head']!(segments); item !== 0; item = call['item_next']!(item)) {
      const end = call['item_feat_float']!(item, this.#string('end'));
      phonemes.push({ phone: this.#read(call['item_feat_string']!(item, this.#string('name'))), start, end });
      const token = call['path_to_item']!(item, this.#string('R:SylStructure.parent.parent.R:Token.parent'));
      if (token !== 0) {
        const word = words.at(-1);
        if (token === lastToken && word !== undefined) words[words.length - 1] = { ...word, end };
        else
          words.push({
            word: this.#read(call['item_feat_string']!(token, this.#string('name'))),
            start,
            end,
          });
        lastToken = token;
      }
      start = end;
    }
    return { phonemes, words };
  }

  #slot = 0;

  /** Puts our function in the place of flite's example of a streaming function, which nothing else calls. */
  #hook(table: WasmTable, example: unknown): void {
    while (table.get(this.#slot) !== example) this.#slot++;
    // (module (type (func (param i32 i32 i32 i32 i32) (result i32))) (import "e" "f" (func (type 0))) (export "g" (func 0)))
    const bridge = new WebAssembly.Module(
      // biome-ignore format: bytes of a module, section by section
      new Uint8Array([
        0, 97, 115, 109, 1, 0, 0, 0,
        1, 10, 1, 96, 5, 127, 127, 127, 127, 127, 1, 127,
        2, 7, 1, 1, 101, 1, 102, 0, 0,
        7, 5, 1, 1, 103, 0, 0,
      ]),
    );
    const f = (wave = 0, start = 0, count = 0): number => this.#onChunk(wave, start, count);
    table.set(this.#slot, new WebAssembly.Instance(bridge, { e: { f } }).exports['g']);
  }

  /** Where the state of `rand` lies: after two calls from zero it is known, and 64 bits do not occur twice by chance. */
  #findRandomState(): number {
    this.#call['rand']!();
    this.#call['rand']!();
    const at = new BigUint64Array(this.#memory.buffer).indexOf(RANDOM_FACTOR + 1n);
    if (at < 0) throw new Error('no random state in the program');
    return 8 * at;
  }

  #view(): DataView {
    return new DataView(this.#memory.buffer);
  }

  /** A constant string, made once. */
  #string(text: string): number {
    let address = this.#strings.get(text);
    if (address === undefined) {
      address = this.#newString(text);
      this.#strings.set(text, address);
    }
    return address;
  }

  #newString(text: string): number {
    const bytes = new TextEncoder().encode(`${text}\0`);
    const address = this.#call['malloc']!(bytes.length);
    if (address === 0) throw new Error('flite has no memory left');
    new Uint8Array(this.#memory.buffer).set(bytes, address);
    return address;
  }

  #read(address: number): string {
    const memory = new Uint8Array(this.#memory.buffer);
    return new TextDecoder().decode(memory.subarray(address, memory.indexOf(0, address)));
  }
}
