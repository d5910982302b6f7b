/**
 * The thread in which models run. onnxruntime's `run` and `create` hold the thread that calls them (spec: a
 * 5 ms heartbeat beside them stalled for 632 ms), so this thread does nothing else. It steps back for the others: what
 * all sessions wait for (JS, the clock, the packets) is short and urgent, this is long and knows its deadline.
 */
import { getPriority, setPriority } from 'node:os';
import { parentPort, workerData } from 'node:worker_threads';
import ort from 'onnxruntime-node';
import { Door } from './door.js';
import type { Finish } from './engine.js';
import { join, type Links, lastOf, runAll } from './links.js';
import type { Manifest } from './manifest.js';
import type { Net } from './net.js';
import { OutputRoom } from './outputs.js';
import { constantTensors, findPorts, fromTensor, type Port, toTensor } from './ports.js';
import { type Answer, numbersIn, type Order, rowOf, type Tensor } from './protocol.js';
import { Sessions } from './sessions.js';

interface Ready {
  readonly links: Links;
  readonly sessions: readonly ort.InferenceSession[];
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
const sessions = new Sessions((session) =>
  [...models.values()].some((model) => model.sessions.includes(session)),
);
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
    const opened = await sessions.open(manifest, order.threads, provider).catch((error: unknown) => {
      refused.push(`${provider}: ${firstLine(error)}`);
    });
    if (opened === undefined) continue;
    const ready = await portsOf(opened, manifest, outputs);
    const finish = row === undefined ? undefined : { row, room: new OutputRoom(ready.outputs) };
    models.set(order.key, { ...ready, sessions: opened, manifest, finish });
    const reason =
      refused.length > 0 ? `${provider}, because ${refused.join('; ')}` : `${provider}, the first choice`;
    answer({ done: 'load', id: order.id, provider, reason });
    return;
  }
  throw new Error(refused.join('; '));
}

/** How sessions serve a manifest; those that do not are let go, so that a repaired file can be tried again. */
async function portsOf(opened: readonly ort.InferenceSession[], manifest: Net, outputs: readonly string[]) {
  try {
    const links = join(manifest, opened);
    const named = { ...manifest, names: { ...manifest.names, ...manifest.next?.at(-1)?.names } };
    return {
      links,
      inputs: findPorts('input', links.first, manifest, Object.keys(manifest.inputs)),
      outputs: findPorts('output', lastOf(links), named, outputs),
      constants: constantTensors(links.first, manifest),
    };
  } catch (error) {
    await sessions.letGo(opened);
    throw error;
  }
}

async function finisher({ finish }: Extract<Order, { do: 'load' }>): Promise<Finish | undefined> {
  if (finish === undefined) return undefined;
  return ((await import(finish)) as { readonly default: Finish }).default;
}

async function run(order: Extract<Order, { do: 'run' }>): Promise<void> {
  const ready = models.get(order.key);
  if (ready === undefined) throw new Error(`${order.key} is not loaded in this worker`);
  const { id, inputs, rows } = order;
  const { links, finish, manifest } = ready;
  const feeds = { ...ready.constants };
  for (const port of ready.inputs) {
    const { data, dims } = inputs.find(({ name }) => name === port.name) as Tensor;
    feeds[port.own] = toTensor(port, data, dims);
  }
  const count = inputs[0]?.dims[0] ?? 1;
  const started = performance.now();
  const results = await runAll(
    links,
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
  await sessions.letGo(dropped?.sessions ?? []);
}

async function close(): Promise<void> {
  models.clear();
  await sessions.close();
  port?.close();
}

function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0] ?? '';
}

const door = new Door(workerData as Int32Array<SharedArrayBuffer>);
const obey = (order: Order): Promise<void> =>
  order.do === 'load'
    ? load(order)
    : order.do === 'run'
      ? run(order)
      : order.do === 'drop'
        ? drop(order)
        : close();

port.on('message', (order: Order) => {
  door
    .within(() => obey(order))
    .catch((error: unknown) => {
      if (order.do === 'close' || order.do === 'drop') throw error;
      answer({ done: 'failed', id: order.id, message: firstLine(error) });
    });
});
