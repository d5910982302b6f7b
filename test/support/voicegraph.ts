/** A conversation without a picture: the same ears, answers and voice as graphs/conversation.yaml, and nothing that costs time beside. */
import { join } from 'node:path';
import { PACKAGE } from '../../src/graph/find.js';

const part = (name: string) => JSON.stringify(join(PACKAGE, 'graphs', 'parts', name));

/** Text of the graph file. */
export const VOICE_GRAPH = `
parameters: { voice: { type: string, default: flite/slt } }
include: [${part('listen.yaml')}, ${part('answer.yaml')}]
elements:
  say:   { factory: ttssrc, voice: $voice }
  gate:  { factory: cutgate }
  web:   { factory: webrtcsink }
  ask:   { factory: textsrc }
  turns: { factory: funnel }
links:
  - say. ! queue max-size-time=3000000000 ! gate. ! web.audio
  - ask. ! turns.
  - ears. ! turns.
  - turns. ! llm. ! say.text
ends: { in: say, ask: ask, ears: ears, out: web }
`;
