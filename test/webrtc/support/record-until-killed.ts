/** Records flash and beep to the file it is told, live, and says how far it is, until somebody kills it. */
import RecordSink from '../../../elements/recordsink.js';
import { register } from '../../../src/element/index.js';
import { Pipeline } from '../../../src/graph/pipeline.js';
import { registerFlash } from './flash.js';

register(RecordSink);
registerFlash();
const pipeline = Pipeline.launch(
  `recordsink name=r location=${process.argv[2]} flashsrc ! r.video beepsrc ! r.audio`,
);
pipeline.on('mark', ({ name, fields }) => {
  if (name === 'progress') process.stdout.write(`time ${fields['time']}\n`);
});
await pipeline.play();
