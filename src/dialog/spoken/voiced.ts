/** Puts together what is said: spaces and brackets wait until something follows them, and go with what is left out. */

const OPENS = /^[(（]$/;
const CLOSES = /^[)）]$/;
/** No space belongs before these. */
const CLINGS = /^[.,;:!?。，；：！？、)）]$/;
/** A line that ends with one of these needs no stop. */
const ENDED = /[.!?;:,…。！？；：，、؟।]["'”’»)）」』]*$/u;

export class Voiced {
  #out = '';
  #space: '' | ' ' | '\n' | '\n\n' = '';
  #open = '';
  #gap = false;
  #item = false;
  /** The last of what the line says. */
  #line = '';
  #begun = false;

  /** What is there since the last time. */
  taken(): string {
    const out = this.#out;
    this.#out = '';
    return out;
  }

  /** Something was left out here. */
  gap(): void {
    this.#gap = true;
  }

  /** The line is a sentence. */
  item(): void {
    this.#item = true;
  }

  /** The line is over. */
  line(): void {
    if (this.#item && this.#line !== '' && !ENDED.test(this.#line)) this.#out += '.';
    this.#item = false;
    this.#line = '';
    this.#space = this.#space.startsWith('\n') ? '\n\n' : '\n';
  }

  say(text: string): void {
    for (const sign of text) {
      if (/\s/.test(sign)) this.#space ||= ' ';
      else if (OPENS.test(sign)) this.#bracket(sign);
      else if (this.#gap && this.#open !== '' && CLOSES.test(sign)) this.#open = this.#open.slice(0, -1);
      else this.#sign(sign);
    }
  }

  #bracket(sign: string): void {
    this.#open += sign;
    this.#gap = false;
  }

  #sign(sign: string): void {
    if (this.#gap && this.#open === '' && CLINGS.test(sign) && this.#space === ' ') this.#space = '';
    const said = (this.#begun ? this.#space : '') + this.#open + sign;
    this.#out += said;
    this.#line = (this.#line + said).slice(-8);
    this.#begun = true;
    this.#gap = false;
    this.#space = this.#open = '';
  }
}
