/**
 * The thread in which models run. onnxruntime's `run` and `create` hold the thread that calls them (spec: a
 * 5 ms heartbeat beside them stalled for 632 ms), so this thread does nothing else. It steps back for the others: what
 * all sessions wait for (JS, the clock, the packets) is short and urgent, this is long and knows its deadline.
 */
import { getPriority, setPriority } from 'node:os';
import { parentPort } from 'node:worker_threads';
import ort from 'onnxruntime-node';
import type { Finish, Provider } from './engine.js';
import type { Manifest } from './manifest.js';
import type { Net } from './net.js';
import { OutputRoom } from './outputs.js';
import { constantTensors, findPorts, fromTensor, type Port, toTensor } from './ports.js';
import { type Answer, numbersIn, type Order, rowOf, type Tensor } from './protocol.js';

interface Ready {
  readonly session: ort.InferenceSession;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly manifest: Net;
  readonly constants: Readonly<Record<string, ort.Tensor>>;
  /** What makes something of each row here, and the memory that the model's outputs have until then. */
  readonly finish: { readonly row: Finish; readonly room: OutputRoom } | undefined;
}

/** Steps of `nice`: a third of an equal's share where cores are short. */
const STEPS_BACK = 5;

const models = new Map<string, Ready>();
/** By file and provider: one copy of the weights, however many lengths of input it serves. */
const sessions = new Map<string, Promise<ort.InferenceSession>>();
const port = parentPort;
if (port === null) throw new Error('worker.js runs in a worker thread only');

// Of this thread alone: that is what Linux takes the number for.
if (process.platform === 'linux') setPriority(Math.min(19, getPriority() + STEPS_BACK));

// What fails is thrown and answered; the library's own lines on stderr would only say it twice.
ort.env.logLevel = 'fatal';

const answer = (message: Answer, transfer: ArrayBuffer[] = []) => port.postMessage(message, transfer);

async function load(order: Extract<Order, { do: 'load' }>): Promise<void> {
  const refused: string[] = [];
  const { manifest, outputs } = order;
  const row = await finisher(order);
  for (const provider of order.providers) {
    const session = await open(order, provider).catch((error: unknown) => {
      refused.push(`${provider}: ${firstLine(error)}`);
    });
    if (session === undefined) continue;
    const ready = await portsOf(session, manifest, outputs);
    const finish = row === undefined ? undefined : { row, room: new OutputRoom(ready.outputs) };
    models.set(order.key, { session, ...ready, manifest, finish });
    const reason =
      refused.length > 0 ? `${provider}, because ${refused.join('; ')}` : `${provider}, the first choice`;
    answer({ done: 'load', id: order.id, provider, reason });
    return;
  }
  throw new Error(refused.join('; '));
}

/** How a session serves a manifest; one that does not is let go, so that a repaired file can be tried again. */
async function portsOf(session: ort.InferenceSession, manifest: Net, outputs: readonly string[]) {
  try {
    return {
      inputs: findPorts('input', session, manifest, Object.keys(manifest.inputs)),
      outputs: findPorts('output', session, manifest, outputs),
      constants: constantTensors(session, manifest),
    };
  } catch (error) {
    if (![...models.values()].some((model) => model.session === session)) {
      for (const [key, one] of sessions) if ((await one) === session) sessions.delete(key);
      await session.release();
    }
    throw error;
  }
}

async function finisher({ finish }: Extract<Order, { do: 'load' }>): Promise<Finish | undefined> {
  if (finish === undefined) return undefined;
  return ((await import(finish)) as { readonly default: Finish }).default;
}

function open(order: Extract<Order, { do: 'load' }>, provider: Provider): Promise<ort.InferenceSession> {
  const key = `${provider} ${order.threads} ${order.manifest.path}`;
  const known = sessions.get(key);
  if (known !== undefined) return known;
  const opening = create(order, provider);
  sessions.set(key, opening);
  opening.catch(() => sessions.delete(key));
  return opening;
}

async function create(
  { manifest, threads }: Extract<Order, { do: 'load' }>,
  provider: Provider,
): Promise<ort.InferenceSession> {
  const there = ort.listSupportedBackends().map(({ name }) => name);
  if (provider !== 'cpu' && !there.includes(provider)) {
    throw new Error(`not part of this build of onnxruntime (${there.join(', ')})`);
  }
  return ort.InferenceSession.create(manifest.path, {
    executionProviders: [provider],
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    executionMode: 'sequential',
    graphOptimizationLevel: 'all',
    // Errors come as exceptions; warnings about nodes placed on the CPU say nothing a user can act on.
    logSeverityLevel: 3,
  });
}

async function run(order: Extract<Order, { do: 'run' }>): Promise<void> {
  const ready = models.get(order.key);
  if (ready === undefined) throw new Error(`${order.key} is not loaded in this worker`);
  const { id, inputs, rows } = order;
  const { session, finish, manifest } = ready;
  const feeds = { ...ready.constants };
  for (const port of ready.inputs) {
    const { data, dims } = inputs.find(({ name }) => name === port.name) as Tensor;
    feeds[port.own] = toTensor(port, data, dims);
  }
  const count = inputs[0]?.dims[0] ?? 1;
  const started = performance.now();
  const results = await session.run(
    feeds,
    finish?.room.tensors(count) ?? ready.outputs.map(({ own }) => own),
  );
  const took = performance.now() - started;
  const outputs = ready.outputs.map((port): Tensor => {
    const value = results[port.own];
    const { keep } = manifest;
    const whole = { name: port.name, dims: value?.dims ?? [], data: fromTensor(port, value) };
    return keep === undefined ? whole : firstOf(whole, keep);
  });
  const back = inputs.map(({ data }) => data.buffer);
  if (finish === undefined) {
    back.push(...outputs.map(({ data }) => data.buffer));
    answer({ done: 'run', id, inputs, outputs, took }, back);
    return;
  }
  const finished = rows.map((into, i) => finish.row(manifest as Manifest, rowOf(outputs, i, count), into));
  back.push(...finished.map(({ buffer }) => buffer));
  answer({ done: 'run', id, inputs, outputs: finished, took }, back);
}

/** The first `keep` along the dimension behind the batch, of every row, in memory of their own. */
function firstOf({ name, dims, data }: Tensor, keep: number): Tensor {
  const [count = 1, length = 1, ...rest] = dims;
  const width = numbersIn(rest);
  const kept = new Float32Array(count * keep * width);
  for (let row = 0; row < count; row++) {
    const from = row * length * width;
    kept.set(data.subarray(from, from + keep * width), row * keep * width);
  }
  return { name, dims: [count, keep, ...rest], data: kept };
}

/** Lets a model go, and its weights with it when no other model is of the same file. */
async function drop({ key }: Extract<Order, { do: 'drop' }>): Promise<void> {
  const dropped = models.get(key);
  models.delete(key);
  if (dropped === undefined || [...models.values()].some(({ session }) => session === dropped.session))
    return;
  for (const [name, session] of sessions) if ((await session) === dropped.session) sessions.delete(name);
  await dropped.session.release();
}

async function close(): Promise<void> {
  for (const session of sessions.values()) await (await session).release();
  models.clear();
  sessions.clear();
  port?.close();
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}

port.on('message', (order: Order) => {
  const work =
    order.do === 'load'
      ? load(order)
      : order.do === 'run'
        ? run(order)
        : order.do === 'drop'
          ? drop(order)
          : close();
  work.catch((error: unknown) => {
    if (order.do === 'close' || order.do === 'drop') throw error;
    answer({ done: 'failed', id: order.id, message: firstLine(error) });
  });
});
