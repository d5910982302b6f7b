/**
 * The files of one net, which run one behind the other: most nets are one file, some that others exported are several.
 */
import { basename } from 'node:path';
import type ort from 'onnxruntime-node';
import type { Net, Step } from './net.js';
import { constantTensors } from './ports.js';

type Tensors = Readonly<Record<string, ort.OnnxValue>>;
type Names = Readonly<Record<string, string>>;

/** A file behind the first: what of the values so far goes into it, and what comes out; the file's names to ours. */
interface Link {
  readonly session: ort.InferenceSession;
  readonly inputs: Names;
  readonly outputs: Names;
  readonly constants: Tensors;
}

/** Files as they run. */
export interface Links {
  readonly first: ort.InferenceSession;
  /** What the first one gives for those behind it, under the names that they know. */
  readonly gives: readonly string[];
  readonly rest: readonly Link[];
}

/** The file that gives the outputs. */
export function lastOf({ first, rest }: Links): ort.InferenceSession {
  return rest.at(-1)?.session ?? first;
}

/**
 * Joins the files of a net.
 * @param sessions of its own file and of those behind it, in order
 * @throws Error when a file lacks what the manifest says it takes or gives
 */
export function join(net: Pick<Net, 'next'>, sessions: readonly ort.InferenceSession[]): Links {
  const [first, ...others] = sessions as [ort.InferenceSession, ...ort.InferenceSession[]];
  const steps = net.next ?? [];
  const made = new Set<string>();
  const gives = new Set<string>();
  const rest = others.map((session, i) => {
    const step = steps[i] as Step;
    for (const value of step.inputs) if (!made.has(value)) gives.add(value);
    for (const value of step.outputs) made.add(value);
    return {
      session,
      inputs: owned(step, step.inputs, session.inputNames, 'input'),
      outputs: owned(step, step.outputs, session.outputNames, 'output'),
      constants: constantTensors(session, step),
    };
  });
  const missing = [...gives].find((name) => !first.outputNames.includes(name));
  if (missing !== undefined) throw new Error(`no file before it gives ${missing}`);
  return { first, gives: [...gives], rest };
}

function owned(
  { path, names }: Step,
  values: readonly string[],
  there: readonly string[],
  kind: string,
): Names {
  return Object.fromEntries(
    values.map((value) => {
      const own = names?.[value] ?? value;
      if (there.includes(own)) return [own, value];
      throw new Error(`${basename(path)} has no ${kind} ${own} (${there.join(', ')})`);
    }),
  );
}

/**
 * Runs them all.
 * @param feeds for the first, under its own names
 * @param fetches of the last: names, or tensors to write into
 */
export async function runAll(
  { first, gives, rest }: Links,
  feeds: ort.InferenceSession.FeedsType,
  fetches: ort.InferenceSession.FetchesType,
): Promise<Tensors> {
  if (rest.length === 0) return await first.run(feeds, fetches);
  const values: Record<string, ort.OnnxValue> = { ...(await first.run(feeds, [...gives])) };
  for (const [i, { session, inputs, outputs, constants }] of rest.entries()) {
    const fed: Record<string, ort.OnnxValue> = { ...constants };
    for (const [own, value] of Object.entries(inputs)) fed[own] = values[value] as ort.OnnxValue;
    const given = await session.run(fed, i === rest.length - 1 ? fetches : Object.keys(outputs));
    if (i === rest.length - 1) return given;
    for (const [own, value] of Object.entries(outputs)) values[value] = given[own] as ort.OnnxValue;
  }
  return values;
}
