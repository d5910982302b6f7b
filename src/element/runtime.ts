/**
 * The JS end of the border: takes C++'s questions, asks the author's methods, turns promises and errors into answers.
 * It never throws.
 */
import { native } from '../native.js';
import type { Bin } from './bin.js';
import type { Declared } from './declaration.js';
import type { Caps, Element, ElementEvent, ElementHooks } from './element.js';
import { reportFailure } from './element.js';
import { type Fields, type Frame, readFrame, type TimedFrame } from './frame.js';
import { birth, eventName, Link } from './link.js';
import { runPipe } from './pipe.js';
import type { Created, Source } from './source.js';
import { EventFlag, EventKind, Op, Outcome, Slot } from './wire.js';

/** A class that can be made by its factory name. */
export interface ElementClass {
  new (): Element;
  readonly signals?: Record<string, { readonly params: Record<string, string> }>;
}

const classes = new Map<string, ElementClass>();
const links = new Map<number, Link>();

/** Makes a class known under its factory name in this isolate. */
export function setClass(factory: string, made: ElementClass): void {
  classes.set(factory, made);
}

/** The class behind a factory name, if it is one of ours. */
export function classOf(factory: string): ElementClass | undefined {
  return classes.get(factory);
}

function linkOf(id: number): Link {
  const known = links.get(id);
  if (known !== undefined) return known;
  const factory = native.elementInfo(id)?.factory ?? '';
  const Class = classes.get(factory);
  if (Class === undefined) throw new Error(`element ${factory} is not registered in this isolate`);
  const link = new Link(id, factory);
  birth.link = link;
  try {
    new Class();
  } finally {
    birth.link = undefined;
  }
  links.set(id, link);
  return link;
}

const isPromise = (value: unknown): value is PromiseLike<unknown> =>
  typeof value === 'object' && value !== null && typeof (value as PromiseLike<unknown>).then === 'function';

/** What an author's return value means for C++. */
type Judge = (link: Link, call: number, value: unknown) => number;

/** Answers with a value that is there, or later with one that is promised; `late` is for when nobody waits by then. */
function answer(link: Link, call: number, value: unknown, judge: Judge, late?: () => void): number {
  if (!isPromise(value)) {
    const outcome = judge(link, call, value);
    if (link.call === call) link.call = 0;
    return outcome;
  }
  const { aborts } = link;
  link.open.set(call, value);
  value.then(
    (settled) => {
      link.open.delete(call);
      let outcome: number = Outcome.error;
      try {
        outcome = judge(link, call, settled);
      } catch (error) {
        failed(link, call, error, aborts);
        return;
      }
      if (link.call === call) link.call = 0;
      if (!native.complete(call, outcome)) late?.();
    },
    (error: unknown) => failed(link, call, error, aborts),
  );
  return Outcome.pending;
}

/** An author's method threw. After an abort that is how it is told, not an error. */
function failed(link: Link, call: number, error: unknown, aborts: number): void {
  link.open.delete(call);
  if (link.call === call) link.call = 0;
  if (link.aborts !== aborts) native.complete(call, Outcome.drop);
  else reportFailure(link, call, error);
}

const done: Judge = () => Outcome.ok;
const passOrDrop: Judge = (_link, _call, value) => (value === 'drop' ? Outcome.drop : Outcome.ok);

const transformed: Judge = (_link, call, value) => {
  if (value === 'drop') return Outcome.drop;
  if (typeof value === 'number') {
    native.complete(call, Outcome.ok, value);
    return Outcome.ok;
  }
  return Outcome.ok;
};

const created: Judge = (link, call, value) => {
  const frames = value as Created;
  if (frames === null) return Outcome.eos;
  if (frames === undefined) return Outcome.ok;
  for (const item of Array.isArray(frames) ? frames : [frames as TimedFrame]) {
    if ('event' in item) native.giveEvent(call, EventKind.serialized, eventName(item.name), item.fields);
    else link.give(call, item);
  }
  return Outcome.ok;
};

const drained: Judge = (link, call, value) => {
  if (Array.isArray(value)) for (const frame of value as TimedFrame[]) link.give(call, frame);
  return Outcome.ok;
};

type Metas = Record<string, Fields> | undefined;
/** All methods an author may have, for the runtime to look up. */
type Author = Element & ElementHooks & { [method: string]: (...args: unknown[]) => unknown };

function ask(op: number, link: Link, call: number, a: unknown, b: unknown, c: unknown): number {
  const author = link.object as unknown as Author;
  switch (op) {
    case Op.construct:
      return Outcome.ok;
    case Op.transform:
      link.call = call;
      return answer(
        link,
        call,
        author['transform']?.(
          readFrame(a as ArrayBuffer, c as Metas),
          b === undefined ? undefined : new Uint8Array(b as ArrayBuffer),
        ),
        transformed,
      );
    case Op.render:
      if (!isSource(author)) link.call = call;
      return answer(link, call, author['render']?.(readFrame(a as ArrayBuffer, c as Metas)), done);
    case Op.create:
      link.call = call;
      return answer(
        link,
        call,
        (author as unknown as Source).create?.({ pts: a as number, frames: b as number }),
        created,
      );
    case Op.aggregate:
      link.call = call;
      return answer(link, call, aggregate(author, a as PadFrame[]), created);
    case Op.setup:
      return answer(link, call, author.setup?.({ ...(b as Caps), text: c as string }, a as string), done);
    case Op.event:
      if (!isSource(author)) link.call = call;
      return answer(link, call, author.event?.(eventOf(a as string, b as string, c as Fields)), passOrDrop);
    case Op.start:
      return start(link, call, author);
    case Op.stop:
      return answer(link, call, author.stop?.(), done);
    case Op.build:
      return answer(link, call, author['build']?.((author as unknown as Bin).builder), done);
    case Op.padCaps: {
      const { builder } = author as unknown as Bin;
      return answer(link, call, author['padCaps']?.(a, { ...(b as Caps), text: c as string }, builder), done);
    }
    case Op.drain:
      if (!isSource(author)) link.call = call;
      return answer(link, call, author['drain']?.(), drained);
    default:
      return Outcome.ok;
  }
}

/**
 * Starts. A start that finishes when nobody waits for it any more is undone by `stop`, or what it opened would stay open
 * and keep the process alive; the next one begins behind that.
 */
function start(link: Link, call: number, author: Author): number {
  let began = false;
  const begin = (): unknown => {
    began = true;
    return author.start?.();
  };
  const { starting } = link;
  const begun =
    starting === undefined ? begin() : starting.then(() => (native.wanted(call) ? begin() : undefined));
  let undone: unknown;
  const outcome = answer(link, call, begun, done, () => {
    if (!began) return;
    undone = (async () => author.stop?.())();
    watch(link, undone);
  });
  if (isPromise(begun)) {
    const over = (): unknown => Promise.resolve(undone).catch(() => undefined);
    const ended = Promise.resolve(begun)
      .then(over, over)
      .then(() => {
        if (link.starting === ended) link.starting = undefined;
      });
    link.starting = ended;
  }
  return outcome;
}

/** What comes in beside a source's src is no question that it answers with frames: what it sends then has its own way. */
const isSource = (author: Author): boolean => (author.constructor as Declared).verb === 'source';

/** [pad, data, metas, slots…] as C++ lists the frames of a mixer. */
type PadFrame = [string, ArrayBuffer, Metas, ...number[]];

function aggregate(author: Author, list: PadFrame[]): unknown {
  const header = native.header;
  const out = {
    pts: header[Slot.pts] as number,
    duration: header[Slot.duration] as number,
    n: header[Slot.offset] as number,
  };
  const pads: Record<string, Frame | undefined> = {};
  for (const [pad, data, metas, ...slots] of list) pads[pad] = readFrame(data, metas, slots);
  return author['aggregate']?.(pads, out);
}

function eventOf(pad: string, name: string, fields: Fields): ElementEvent {
  const flags = native.header[Slot.flags] as number;
  return { pad, name, fields, oob: (flags & EventFlag.oob) !== 0, upstream: (flags & EventFlag.up) !== 0 };
}

/** Things told, for which nobody waits. */
function told(op: number, id: number, a: unknown, b: unknown, c: unknown): void {
  if (op === Op.destroy) {
    links.get(id)?.abort();
    links.delete(id);
    return;
  }
  const link = op === Op.action ? linkOf(id) : links.get(id);
  if (link === undefined) return;
  const author = link.object as unknown as Author;
  switch (op) {
    case Op.abort:
      link.abort();
      native.revoke(id);
      break;
    case Op.latency:
      link.latency = b as number;
      break;
    case Op.ready:
      link.wakeReady();
      break;
    case Op.space:
      link.wakeRoom();
      break;
    case Op.run:
      startRun(link, b as number);
      break;
    case Op.property:
      author.propertyChanged?.(a as string);
      break;
    case Op.event:
      watch(link, author.event?.(eventOf(a as string, b as string, c as Fields)));
      break;
    case Op.padAdded:
      watch(link, author['padAdded']?.(a, (author as unknown as Bin).builder));
      break;
    case Op.padRemoved:
      watch(link, author['padRemoved']?.(a, (author as unknown as Bin).builder));
      break;
    case Op.message:
      watch(link, author['message']?.(a, c));
      break;
    case Op.action:
      watch(link, act(link, author, a as string, c as Record<string, unknown>));
      break;
  }
}

function act(link: Link, author: Author, name: string, fields: Record<string, unknown>): unknown {
  const params = classes.get(link.factory)?.signals?.[name]?.params ?? {};
  const method = name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
  return author[method]?.(...Object.keys(params).map((param) => fields[param]));
}

/** A promise that nobody awaits still has an owner: its failure is the element's. */
function watch(link: Link, value: unknown): void {
  if (isPromise(value)) value.then(undefined, (error: unknown) => reportFailure(link, 0, error));
}

function startRun(link: Link, generation: number): void {
  link.generation = generation;
  link.abort();
  native.revoke(link.id);
  const { aborts } = link;
  runPipe(link, generation).catch((error: unknown) => {
    if (link.aborts === aborts) reportFailure(link, 0, error);
  });
}

/** The one function C++ calls. */
function dispatch(op: number, id: number, call: number, a: unknown, b: unknown, c: unknown): number {
  if (call === 0) {
    try {
      told(op, id, a, b, c);
    } catch (error) {
      const link = links.get(id);
      if (link !== undefined) reportFailure(link, 0, error);
      else native.fail(id, 0, 'stream', 'failed', String(error), '', {}, false);
    }
    return Outcome.ok;
  }
  let link: Link;
  try {
    link = linkOf(id);
  } catch (error) {
    const { message, stack } = error as Error;
    native.fail(id, call, 'library', 'init', message, stack ?? '', {}, false);
    return Outcome.error;
  }
  try {
    return ask(op, link, call, a, b, c);
  } catch (error) {
    link.call = 0;
    reportFailure(link, call, error);
    return Outcome.error;
  }
}

native.connect(dispatch);

/** The author's object behind an instance number; undefined while it does not exist. */
export const objectOf = (id: number): Element | undefined => links.get(id)?.object;
