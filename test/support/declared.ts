/** What the small elements of tests declare about themselves when nobody looks at it. */
import type { Metadata, PadTemplates } from '../../src/element/index.js';

export const metadata = (name: string): Metadata => ({
  name,
  longName: name,
  klass: 'Filter',
  description: 'For tests',
  author: 'talkgraph',
});

/** A sink and a src pad for anything. */
export const any = { sink: { caps: 'ANY' }, src: { caps: 'ANY' } } satisfies PadTemplates;
