/**
 * The opcodes of Python's pickle protocols 0 to 5 (Lib/pickletools.py documents each).
 */
import { narrow, PickleError } from './cursor.js';
import type { Machine } from './machine.js';
import { Made, Tuple, type Value } from './values.js';

type Operation = (m: Machine) => void;

const refuse =
  (what: string): Operation =>
  () => {
    throw new PickleError(what);
  };

const extension = refuse('it uses the extension registry of a Python process');
const outside = refuse('it wants buffers that are not in it');

/** Opcodes by their byte. */
export const OPERATIONS: Readonly<Record<number, Operation>> = byCode([
  // Protocol and frames say nothing that matters here.
  [0x80, (m) => void m.cursor.uint8()],
  [0x95, (m) => void m.cursor.uint64()],
  // Plain values.
  ['N', (m) => m.push(null)],
  [0x88, (m) => m.push(true)],
  [0x89, (m) => m.push(false)],
  ['I', (m) => m.push(textInteger(m.cursor.line(), true))],
  ['L', (m) => m.push(textInteger(m.cursor.line(), false))],
  ['J', (m) => m.push(m.cursor.int32())],
  ['K', (m) => m.push(m.cursor.uint8())],
  ['M', (m) => m.push(m.cursor.uint16())],
  [0x8a, (m) => m.push(m.cursor.integer(m.cursor.uint8()))],
  [0x8b, (m) => m.push(m.cursor.integer(m.cursor.uint32()))],
  ['F', (m) => m.push(textFloat(m.cursor.line()))],
  ['G', (m) => m.push(m.cursor.float())],
  ['S', (m) => m.push(quoted(m.cursor.line()))],
  ['T', (m) => m.push(m.cursor.text(m.cursor.uint32()))],
  ['U', (m) => m.push(m.cursor.text(m.cursor.uint8()))],
  ['V', (m) => m.push(m.cursor.line())],
  ['X', (m) => m.push(m.cursor.text(m.cursor.uint32()))],
  [0x8c, (m) => m.push(m.cursor.text(m.cursor.uint8()))],
  [0x8d, (m) => m.push(m.cursor.text(m.cursor.uint64()))],
  ['B', (m) => m.push(m.cursor.bytes(m.cursor.uint32()))],
  ['C', (m) => m.push(m.cursor.bytes(m.cursor.uint8()))],
  [0x8e, (m) => m.push(m.cursor.bytes(m.cursor.uint64()))],
  [0x96, (m) => m.push(m.cursor.bytes(m.cursor.uint64()))],
  [0x97, outside],
  [0x98, outside],
  // The stack.
  ['(', (m) => m.mark()],
  ['0', (m) => m.drop()],
  ['1', (m) => void m.popMark()],
  ['2', (m) => m.push(m.top())],
  // Tuples, lists, dictionaries, sets.
  [')', (m) => m.push(new Tuple([]))],
  ['t', (m) => m.push(new Tuple(m.popMark()))],
  [0x85, (m) => m.push(new Tuple(popped(m, 1)))],
  [0x86, (m) => m.push(new Tuple(popped(m, 2)))],
  [0x87, (m) => m.push(new Tuple(popped(m, 3)))],
  [']', (m) => m.push([])],
  ['l', (m) => m.push(m.popMark())],
  ['a', (m) => append(m, popped(m, 1))],
  ['e', (m) => append(m, m.popMark())],
  ['}', (m) => m.push(new Map())],
  ['d', (m) => m.push(setItems(new Map(), m.popMark()))],
  ['s', (m) => void setItems(...under(m, popped(m, 2)))],
  ['u', (m) => void setItems(...under(m, m.popMark()))],
  [0x8f, (m) => m.push(new Set())],
  [0x90, (m) => addItems(m, m.popMark())],
  [0x91, (m) => m.push(new Set(m.popMark()))],
  // The memo.
  ['p', (m) => m.remember(slot(m.cursor.line()))],
  ['q', (m) => m.remember(m.cursor.uint8())],
  ['r', (m) => m.remember(m.cursor.uint32())],
  [0x94, (m) => m.remember(m.memo.size)],
  ['g', (m) => m.recall(slot(m.cursor.line()))],
  ['h', (m) => m.recall(m.cursor.uint8())],
  ['j', (m) => m.recall(m.cursor.uint32())],
  // Names and calls: what makes pickles dangerous elsewhere.
  ['c', (m) => m.push(m.find(m.cursor.line(), m.cursor.line()))],
  [0x93, (m) => m.push(m.find(...(popped(m, 2) as [Value, Value])))],
  ['R', (m) => call(m)],
  [0x81, (m) => call(m)],
  [0x92, (m) => callWithNames(m)],
  ['i', (m) => m.push(m.call(m.find(m.cursor.line(), m.cursor.line()), new Tuple(m.popMark())))],
  ['o', (m) => callMarked(m)],
  ['b', (m) => build(m)],
  ['P', (m) => m.push(m.allowed.persistent(m.cursor.line()))],
  ['Q', (m) => m.push(m.allowed.persistent(m.pop()))],
  [0x82, extension],
  [0x83, extension],
  [0x84, extension],
]);

function byCode(table: readonly (readonly [number | string, Operation])[]): Record<number, Operation> {
  return Object.fromEntries(
    table.map(([code, operation]) => [typeof code === 'string' ? code.charCodeAt(0) : code, operation]),
  );
}

/** The last `count` values, in the order in which they came. */
function popped(m: Machine, count: number): Value[] {
  return Array.from({ length: count }, () => m.pop()).reverse();
}

function append(m: Machine, items: readonly Value[]): void {
  const list = m.top();
  if (!Array.isArray(list)) throw new PickleError('it appends to what is no list');
  for (const item of items) list.push(item);
}

/** The dictionary on top of the stack, with what is to go into it. */
function under(m: Machine, items: Value[]): [Map<Value, Value>, Value[]] {
  const map = m.top();
  if (!(map instanceof Map)) throw new PickleError('it sets items of what is no dictionary');
  return [map, items];
}

function setItems(map: Map<Value, Value>, items: readonly Value[]): Map<Value, Value> {
  if (items.length % 2 !== 0) throw new PickleError('it sets a key without a value');
  for (let i = 0; i < items.length; i += 2) map.set(items[i] ?? null, items[i + 1] ?? null);
  return map;
}

function addItems(m: Machine, items: readonly Value[]): void {
  const set = m.top();
  if (!(set instanceof Set)) throw new PickleError('it adds to what is no set');
  for (const item of items) set.add(item);
}

function call(m: Machine): void {
  const [callee = null, args = null] = popped(m, 2);
  m.push(m.call(callee, args));
}

function callWithNames(m: Machine): void {
  const [callee = null, args = null, named = null] = popped(m, 3);
  if (!(named instanceof Map) || named.size > 0) throw new PickleError('a call with named arguments');
  m.push(m.call(callee, args));
}

function callMarked(m: Machine): void {
  const [callee = null, ...args] = m.popMark();
  m.push(m.call(callee, new Tuple(args)));
}

/**
 * Gives an object its state. State dictionaries are OrderedDicts with the attribute `_metadata` (versions of layers),
 * which says nothing about weights. What else may have one says the allow-list.
 */
function build(m: Machine): void {
  const state = m.pop();
  const target = m.top();
  if (target instanceof Map && state instanceof Map) return;
  if (target instanceof Made && m.allowed.build(target, state)) return;
  throw new PickleError(`it gives state to ${target instanceof Made ? target.kind : 'what has no state'}`);
}

function slot(line: string): number {
  if (!/^\d{1,9}$/.test(line)) throw new PickleError(`it remembers under "${line.slice(0, 20)}"`);
  return Number(line);
}

function textInteger(line: string, booleans: boolean): Value {
  if (booleans && line === '00') return false;
  if (booleans && line === '01') return true;
  const text = line.replace(/L$/, '');
  if (!/^-?\d{1,300}$/.test(text)) throw new PickleError(`"${line.slice(0, 20)}" is no integer`);
  return narrow(BigInt(text));
}

function textFloat(line: string): number {
  const value = Number(line);
  if (line.trim() === '' || Number.isNaN(value)) throw new PickleError(`"${line.slice(0, 20)}" is no number`);
  return value;
}

function quoted(line: string): string {
  const match = /^(['"])(.*)\1$/.exec(line);
  if (match === null) throw new PickleError('a text without quotes');
  return match[2] ?? '';
}
