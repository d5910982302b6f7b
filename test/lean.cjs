/**
 * Loaded before a test file that is expected to pass: tap watches every promise of the process by async hooks, to say which
 * test an error belongs to that nobody caught. That is a tenth of what tests of pipelines cost and half of what those cost that
 * read byte by byte. Without it such an error ends the process, which fails the file as well; a file that failed is run
 * once more with all of it.
 */
const hooks = require('node:async_hooks');
const { syncBuiltinESMExports } = require('node:module');

const idle = { enable: () => idle, disable: () => idle };
hooks.createHook = () => idle;
syncBuiltinESMExports();
