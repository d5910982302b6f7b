/**
 * Mistakes that do not compile. The build checks each `@ts-expect-error`: one without an error below it is an error
 * itself. What comes from plain JavaScript is caught later, and that is tested by running the same lines.
 */
import t from 'tap';
import {
  type Metadata,
  type PadTemplates,
  type Properties,
  register,
  type Signals,
  Sink,
  Source,
  Transform,
} from '../../src/element/index.js';
import { any, metadata } from '../support/declared.js';
import { harness } from '../support/harness.js';

const blurb = 'For the test';

t.test('the default of an enum is one of its values', (t) => {
  // @ts-expect-error "loud" is not among the values
  class Wrong extends Transform<typeof Wrong.properties> {
    static readonly metadata = metadata('testenum');
    static readonly properties = {
      mode: { type: 'enum', values: ['soft', 'hard'], default: 'loud', blurb },
    } as const satisfies Properties;
    static readonly pads = any;
    override transform(): void {}
  }
  t.throws(() => register(Wrong), { message: /Expected one of soft, hard as default of mode/ });
  t.end();
});

t.test('the default of a property is of its type, and its name of a type is spelt right', (t) => {
  // @ts-expect-error a text is no number
  const text = { cutoff: { type: 'double', default: '20', blurb } } as const satisfies Properties;
  // @ts-expect-error there is no "number"
  const type = { cutoff: { type: 'number', default: 20, blurb } } as const satisfies Properties;
  // @ts-expect-error it is "min"
  const key = { cutoff: { type: 'double', default: 20, minimum: 1, blurb } } as const satisfies Properties;
  // @ts-expect-error a blurb is needed
  const silent = { cutoff: { type: 'double', default: 20 } } as const satisfies Properties;
  const late = {
    // @ts-expect-error it is "ready" or "playing"
    on: { type: 'bool', default: true, mutable: 'paused', blurb },
  } as const satisfies Properties;
  t.equal([text, type, key, silent, late].length, 5);
  t.end();
});

t.test('metadata and pads are complete', (t) => {
  // @ts-expect-error the author is missing
  const who = { name: 'x', longName: 'x', klass: 'x', description: 'x' } satisfies Metadata;
  // @ts-expect-error there is no such presence
  const pads = { sink: { caps: 'ANY', presence: 'maybe' } } satisfies PadTemplates;
  // @ts-expect-error there is no such type of parameter
  const signals = { say: { params: { text: 'text' }, blurb } } satisfies Signals;
  t.equal([who, pads, signals].length, 3);
  t.end();
});

class Typed extends Transform<typeof Typed.properties> {
  static readonly metadata = metadata('testtyped');
  static readonly properties = {
    'cut-off': { type: 'double', min: 1, max: 100, default: 20, mutable: 'playing', blurb },
    mode: { type: 'enum', values: ['soft', 'hard'], default: 'soft', mutable: 'playing', blurb },
    on: { type: 'bool', default: false, mutable: 'playing', blurb },
  } as const satisfies Properties;
  static readonly pads = any;
  override transform(): void {}

  /** Each line that does not compile, as it behaves when it comes from JavaScript. */
  mistakes(): (() => void)[] {
    return [
      // @ts-expect-error it is "cut-off"
      () => (this.props['cutoff'] = 1),
      // @ts-expect-error a text is no number
      () => (this.props['cut-off'] = '1'),
      // @ts-expect-error there is no such value
      () => (this.props.mode = 'loud'),
      // @ts-expect-error a number is no boolean
      () => (this.props.on = 1),
    ];
  }

  right(): [number, 'soft' | 'hard', boolean] {
    this.props['cut-off'] += 1;
    this.props.mode = 'hard';
    return [this.props['cut-off'], this.props.mode, this.props.on];
  }
}
register(Typed);

t.test('the properties of an element are typed by their declaration', async (t) => {
  const h = await harness('testtyped', { caps: 'text/x-raw,format=utf8' });
  const typed = h.object as unknown as Typed;
  for (const mistake of typed.mistakes()) t.throws(mistake, TypeError);
  t.same(typed.right(), [21, 'hard', false]);
  await h.close();
});

t.test('a verb without its method, or with one of another kind, does not compile', (t) => {
  // @ts-expect-error render is missing
  class Empty extends Sink {
    static readonly metadata = metadata('testempty');
  }
  class Odd extends Source {
    static readonly metadata = metadata('testodd');
    // @ts-expect-error a source gives frames, not texts
    override create(): string {
      return 'a';
    }
  }
  t.throws(() => new Empty(), { message: /Expected Empty to be made by GStreamer/ });
  t.throws(() => new Odd(), TypeError);
  t.end();
});

t.test('what names an element is checked before GStreamer sees it', (t) => {
  const named = (name: string) =>
    class extends Transform {
      static readonly metadata = metadata(name);
      static readonly pads = any;
      override transform(): void {}
    };
  // "E2" ends a process in node-gtk: a GType needs three letters.
  for (const name of ['e2', 'E22', 'two words', '2fast', 'dash-ed', ''])
    t.throws(() => register(named(name)), { name: 'TypeError', message: /Expected a (name|text)/ }, name);
  register(named('testnamed'));
  t.throws(() => register(named('testnamed')), {
    message: /testnamed: an element of this name is registered already/,
  });
  t.end();
});
