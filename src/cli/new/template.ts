/**
 * What `talkgraph new` starts an element from: one template for each verb, a small element that works, with its test.
 */

/** The names a template is filled with. */
export interface Names {
  /** Factory and file: `audiothing`. */
  readonly factory: string;
  /** Class: `AudioThing`. */
  readonly className: string;
  /** Words: `Audio thing`. */
  readonly title: string;
}

/** Two texts of one new element. */
export interface Template {
  /** When to pick this verb, in a phrase. */
  readonly blurb: string;
  element(names: Names): string;
  test(names: Names): string;
}

/** Names of `audio-thing`. */
export function namesOf(name: string): Names {
  const words = name.split('-').filter((word) => word !== '');
  const capital = (word: string) => word.charAt(0).toUpperCase() + word.slice(1);
  return {
    factory: words.join(''),
    className: words.map(capital).join(''),
    title: capital(words.join(' ')),
  };
}
