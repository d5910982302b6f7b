/** What all subjects are given: the same pipelines, the same counts, the same way to report. */
export const sizes = {
  pictures: 600,
  buffers: 20_000,
  pipelines: 400,
  pictureSource: (count) =>
    `videotestsrc pattern=black num-buffers=${count} ! video/x-raw,format=I420,width=1280,height=720,framerate=25/1`,
  soundSource: (count) =>
    `audiotestsrc wave=silence samplesperbuffer=320 num-buffers=${count} ! audio/x-raw,format=S16LE,rate=16000,channels=1`,
};

/** Prints the figure and ends: some subjects keep the process alive for ever otherwise. */
export function report(value, note) {
  process.stdout.write(`${JSON.stringify({ value, ...(note ? { note } : {}) })}\n`, () => process.exit(0));
}

/**
 * Runs `once` for every pipeline and reports how much memory each left behind. Four times as many go before: for the first
 * thousand or so the allocators and V8 still grow, with every subject, and that is no leak.
 */
export async function settle(once) {
  const measure = async () => {
    for (let i = 0; i < 5; i++) {
      globalThis.gc();
      await new Promise((resolve) => setImmediate(resolve));
    }
    return process.memoryUsage().rss;
  };
  const warm = sizes.pipelines * 4;
  for (let i = 0; i < warm; i++) await once();
  const before = await measure();
  for (let i = 0; i < sizes.pipelines; i++) await once();
  report(((await measure()) - before) / 1024 / sizes.pipelines);
}
