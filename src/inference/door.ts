/** In a door's number: nobody goes in any more. Below it: how many are inside. */
const SHUT = 1 << 30;

/**
 * Between an inference thread and the end of the process. Node ends threads wherever they are, and onnxruntime's binding,
 * ended within `run` or `create`, throws where nothing can catch it: the process aborts instead of leaving with its exit code
 * (one exit in five while three sessions spoke). So an order is inside from its first line to its last, and who
 * ends the process shuts the door and waits until nobody is.
 */
export class Door {
  /** What both sides share: given to the thread, which makes a Door of its own around it. */
  readonly shared: Int32Array<SharedArrayBuffer>;

  constructor(shared = new Int32Array(new SharedArrayBuffer(4))) {
    this.shared = shared;
  }

  get busy(): boolean {
    return (Atomics.load(this.shared, 0) & ~SHUT) > 0;
  }

  /** Does something inside; nothing at all, and for good, once the door is shut: the thread is about to end. */
  async within(work: () => Promise<void>): Promise<void> {
    try {
      if ((Atomics.add(this.shared, 0, 1) & SHUT) === 0) await work();
    } finally {
      Atomics.sub(this.shared, 0, 1);
      Atomics.notify(this.shared, 0);
    }
  }

  /** Shuts it and holds this thread until nobody is inside, `patience` ms at most. False when somebody still is. */
  shut(patience: number): boolean {
    Atomics.or(this.shared, 0, SHUT);
    const until = performance.now() + patience;
    while (this.busy) {
      const left = until - performance.now();
      if (left <= 0) return false;
      Atomics.wait(this.shared, 0, Atomics.load(this.shared, 0), left);
    }
    return true;
  }
}

/** ms: so long does an exit wait for all of them together. */
const PATIENCE = 10_000;
const doors = new Set<Door>();

/** A door that the end of this process shuts. Whoever made it says when its thread has ended. */
export function frontDoor(): { readonly door: Door; ended(): void } {
  if (doors.size === 0) process.on('exit', shutAll);
  const door = new Door();
  doors.add(door);
  return {
    door,
    ended: () => {
      doors.delete(door);
      if (doors.size === 0) process.off('exit', shutAll);
    },
  };
}

function shutAll(): void {
  const until = performance.now() + PATIENCE;
  // All at once, so that none begins anything while another is waited for.
  for (const door of doors) door.shut(0);
  for (const door of doors) door.shut(until - performance.now());
}
