/**
 * Where what we play and who takes it out of a microphone meet: GStreamer's canceller finds its probe by a name that the whole process
 * shares, so that of a probe has its pipeline in it.
 */

const there = new Set<string>();

/**
 * The name of a probe.
 * @param path of an element of the pipeline, as GStreamer writes it: `/GstPipeline:p/GstTs_farend:own`
 * @param name of the farend
 */
export function probeName(path: string, name: string): string {
  return `farend ${path.split('/')[1] ?? ''} ${name}`;
}

/** What we play is told from now on, until the function that it returns is called. */
export function putFarend(path: string, name: string): () => void {
  const key = probeName(path, name);
  there.add(key);
  return () => void there.delete(key);
}

/** Whether there is a farend of that name in the pipeline. */
export function hasFarend(path: string, name: string): boolean {
  return there.has(probeName(path, name));
}
