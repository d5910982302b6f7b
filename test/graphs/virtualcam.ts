/** The graph `virtualcam.yaml` as a whole: text in, pictures on a fake camera, with the real stock sink between. */
import t from 'tap';
import { bindGraph } from '../../src/graph/bind.js';
import { findGraph } from '../../src/graph/find.js';
import { installed } from '../../src/graph/installed.js';
import { loadGraph } from '../../src/graph/load.js';
import { Camera } from '../support/camera.js';

t.test('is a camera that speaks, and tells when', async (t) => {
  const camera = await Camera.make();
  t.teardown(() => camera.close());
  const { vocabulary } = await installed();
  const graph = await loadGraph(findGraph('graphs/virtualcam.yaml'));
  const values = { text: 'Hello.', device: camera.device, width: 320, height: 240, muted: true };
  const { line } = bindGraph(graph, values, vocabulary);
  const { errors, marks, driver, pictures } = await camera.run(line, {}, 'utterance-end');
  t.same(errors, []);
  t.ok(marks.includes('utterance-start'));
  t.same(driver, ['size 320 240', 'rate 25 1']);
  const size = 320 * 240 * 2;
  t.ok(pictures.length >= 10 * size, `${pictures.length / size} pictures`);
  const [first, last] = [pictures.subarray(0, size), pictures.subarray(-size)];
  t.notOk(first.equals(last), 'they move');
});
