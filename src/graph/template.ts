/**
 * Texts with parameters in them: `$name`, `${name}`, and `$$` for a dollar.
 *
 * A dollar before anything that cannot begin a name is a dollar: "costs $5" needs no care.
 */

/** A text and the parameters in it. `names[i]` stands between `texts[i]` and `texts[i + 1]`. */
export interface Template {
  readonly texts: readonly string[];
  readonly names: readonly TemplateName[];
}

/** One use of a parameter; offsets count from the start of the text. */
export interface TemplateName {
  readonly name: string;
  readonly start: number;
  readonly end: number;
}

const USE = /\$(?:\$|\{([^}]*)\}|([A-Za-z_][A-Za-z0-9_-]*))/g;

/** Reads a text; answers the plain text itself when no parameter is in it. */
export function parseTemplate(text: string): string | Template {
  if (!text.includes('$')) return text;
  const texts: string[] = [];
  const names: TemplateName[] = [];
  let plain = '';
  let at = 0;
  for (const match of text.matchAll(USE)) {
    plain += text.slice(at, match.index);
    at = match.index + match[0].length;
    const name = match[1]?.trim() ?? match[2];
    if (name === undefined) plain += '$';
    else {
      texts.push(plain);
      names.push({ name, start: match.index, end: at });
      plain = '';
    }
  }
  plain += text.slice(at);
  return names.length === 0 ? plain : { texts: [...texts, plain], names };
}

/** True for `$name` and nothing around it: the value is then the parameter's own, not a text made of it. */
export function isWhole({ texts, names }: Template): boolean {
  return names.length === 1 && texts.every((text) => text === '');
}

/** Fills a template; `value` answers the text of one parameter. */
export function fillTemplate({ texts, names }: Template, value: (name: string) => string): string {
  return names.reduce((out, use, i) => out + value(use.name) + (texts[i + 1] ?? ''), texts[0] ?? '');
}

/** Writes a plain text so that `parseTemplate` reads it back as it is. */
export function escapeTemplate(text: string): string {
  return text.replace(/\$(?=[$A-Za-z_{])/g, '$$$$');
}

/** The text of a template as a person writes it. */
export function printTemplate({ texts, names }: Template): string {
  return names.reduce(
    (out, use, i) => {
      const after = texts[i + 1] ?? '';
      const bare = !/^[A-Za-z0-9_-]/.test(after);
      return `${out}${bare ? `$${use.name}` : `\${${use.name}}`}${doubled(after)}`;
    },
    doubled(texts[0] ?? ''),
  );
}

/** Beside a parameter every dollar is doubled: whether one needs it depends on what follows. */
function doubled(text: string): string {
  return text.replaceAll('$', '$$$$');
}

/** True for what `parseTemplate` made of a text with parameters. */
export function isTemplate(value: unknown): value is Template {
  return typeof value === 'object' && value !== null;
}
