/**
 * fast-check for the tests: the same inputs on every run, so that a red run is the fault of the change before it. New
 * inputs come from `npm run fuzz`, which gives every run a seed of its own and prints it.
 */
import fc from 'fast-check';

fc.configureGlobal({ seed: Number(process.env['TALKGRAPH_SEED'] ?? 8800) });

export default fc;
