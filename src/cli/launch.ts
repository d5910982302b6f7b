/**
 * `talkgraph launch …`: plays a graph.
 */
import { TalkError } from '../element/error.js';
import { bindGraph, redact } from '../graph/bind.js';
import { installed } from '../graph/installed.js';
import { Pipeline } from '../graph/pipeline.js';
import { launchWithDiagnosis } from './diagnosis.js';
import { readGraph } from './graph-source.js';
import { type LaunchRequest, readLaunch } from './launch-options.js';
import { play } from './play.js';
import { ProgressLine } from './progress.js';
import { Reporter, refuseAsJson } from './report.js';
import type { Terminal } from './terminal.js';

export const help = `
talkgraph launch [options] LAUNCH LINE
talkgraph launch [options] FILE.yaml [name=value …]

Plays a graph to its end. The line is what gst-launch-1.0 takes, read by GStreamer's own parser, with our elements in
it. A graph file takes its parameters as name=value; one that is not found here is looked for among those that come
with talkgraph.

  talkgraph launch ttssrc text="Hello" ! audioconvert ! autoaudiosink
  talkgraph launch graphs/render.yaml text="Hello" location=hello.mp4

  -v, --verbose    every change of a property and of caps, and the debug text of errors
  -m, --messages   every message of the pipeline
  -t, --tags       tags that are found
  -q, --quiet      nothing but errors
  --json           one JSON object for each message, on standard output
  -e               (for gst-launch's sake: the stream is always ended properly)

Ctrl-C ends the stream, so that a file is complete; a second Ctrl-C stops at once.
Exit codes: 0 played to the end, 1 something failed, 2 the line or the file is wrong, 130 stopped by a second Ctrl-C.
`;

/** Plays what the arguments say. */
export async function run(args: string[], terminal: Terminal): Promise<number> {
  const request = readLaunch(args);
  try {
    return await launch(request, terminal);
  } catch (error) {
    // Whoever reads JSON gets this as JSON too, and nothing to take apart on the other side.
    if (!request.json || !(error instanceof TalkError)) throw error;
    return refuseAsJson(error, terminal);
  }
}

async function launch(request: LaunchRequest, terminal: Terminal): Promise<number> {
  const { line, hide } = await lineOf(request);
  const progress = new ProgressLine(terminal);
  const reporter = new Reporter(terminal, request, hide, () => progress.clear());
  const pipeline = await launchWithDiagnosis(line, () => Pipeline.launch(line), hide);
  reporter.attach(pipeline);
  const exit = await play(pipeline, terminal, reporter, progress);
  reporter.end(exit);
  return exit;
}

/** The launch line, and what takes its secrets out of texts. */
async function lineOf(request: LaunchRequest): Promise<{ line: string; hide: (text: string) => string }> {
  const known = (await installed()).vocabulary;
  if ('line' in request.graph) return { line: request.graph.line, hide: (text) => text };
  const { file, values } = request.graph;
  const { graph, problems } = await readGraph(file);
  const { line, secrets } = bindGraph(graph, values, known, problems);
  return { line, hide: (text) => redact(text, secrets) };
}
