/** From raw bus messages to typed events. */
import type { RawMessage } from '../native/pipeline.js';
import { reportError } from './errors.js';
import type { PipelineEvents, Progress, StateChange } from './events.js';
import { stateName } from './state.js';

/** One event with its arguments. */
export type PipelineEvent = {
  [E in keyof PipelineEvents]: { name: E; args: Parameters<PipelineEvents[E]> };
}[keyof PipelineEvents];

/** The event that a message becomes; undefined for `async-done`, which only the pipeline itself listens to. */
export function eventOf(message: RawMessage, wrap: (value: unknown) => unknown): PipelineEvent | undefined {
  switch (message.type) {
    case 'error':
    case 'warning':
    case 'info':
      return { name: message.type, args: [reportError(message)] };
    case 'state':
      return { name: 'state', args: [stateChange(message)] };
    case 'latency':
      return { name: 'latency', args: [rest(message, 'type')] };
    case 'tag':
      return { name: 'tag', args: [rest(message, 'type')] };
    case 'buffering':
      return { name: 'buffering', args: [rest(message, 'type')] };
    case 'progress':
      return { name: 'progress', args: [rest(message, 'type') as Progress] };
    case 'qos':
      return { name: 'qos', args: [rest(message, 'type')] };
    case 'element':
      return {
        name: 'mark',
        args: [
          {
            name: message.name,
            element: message.element,
            fields: wrap(message.fields) as Record<string, unknown>,
          },
        ],
      };
    case 'property':
      return {
        name: 'property',
        args: [{ element: message.element, name: message.name, value: wrap(message.value) }],
      };
    case 'async-done':
      return undefined;
    default:
      return { name: message.type, args: [] };
  }
}

function stateChange({ from, to, pending }: { from: number; to: number; pending: number }): StateChange {
  const next = stateName(pending);
  return {
    state: stateName(to) ?? 'null',
    previous: stateName(from) ?? 'null',
    ...(next === undefined ? {} : { pending: next }),
  };
}

function rest<T extends object, K extends keyof T>(from: T, without: K): Omit<T, K> {
  const { [without]: _, ...others } = from;
  return others;
}
