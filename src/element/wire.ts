/**
 * The border to C++, by number: what is asked, what is answered, and where in the shared array the numbers of a
 * frame stand. `native/call.h` and `native/jsside.h` have the same tables.
 */

/** What C++ asks or tells. */
export const Op = {
  construct: 0,
  start: 1,
  stop: 2,
  setup: 3,
  create: 4,
  transform: 5,
  render: 6,
  aggregate: 7,
  event: 8,
  drain: 9,
  build: 10,
  padCaps: 11,
  property: 20,
  action: 21,
  abort: 22,
  destroy: 23,
  latency: 24,
  ready: 25,
  space: 26,
  run: 27,
  padAdded: 28,
  padRemoved: 29,
  message: 30,
} as const;

/** What is answered; `pending` means that `complete` is called later. */
export const Outcome = { pending: 0, ok: 1, drop: 2, eos: 3, error: 4, flushing: 5 } as const;

/** What `take` gave: kinds of items in a pipe's in queue. */
export const Taken = { nothing: 0, frame: 1, event: 2, end: 3, stale: 4, caps: 5 } as const;

/** Kinds of events for `send` and `giveEvent`. */
export const EventKind = { serialized: 0, oob: 1, up: 2, sticky: 3 } as const;

/** Slots of the shared array for frames that come in; those that go out have the same from `out` on. */
export const Slot = {
  pts: 0,
  dts: 1,
  duration: 2,
  offset: 3,
  flags: 4,
  planes: 5,
  plane: 6,
  at: 5,
  out: 32,
} as const;

/** Bits of `Slot.flags`. */
export const Flag = { gap: 1, discont: 2, header: 4, delta: 8, stale: 16, droppable: 32 } as const;

/** Bits of `Slot.flags` with an event. */
export const EventFlag = { oob: 1, up: 2 } as const;

/** Which optional methods an author wrote, so that nobody is asked for nothing. */
export const Method = {
  setup: 1,
  event: 2,
  start: 4,
  stop: 8,
  drain: 16,
  padCaps: 32,
  padAdded: 64,
  create: 128,
  message: 256,
} as const;
