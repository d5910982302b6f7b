import { writeFileSync } from 'node:fs';
import t from 'tap';
import { TalkError } from '../../src/element/error.js';
import { writeError } from '../../src/element/fileerror.js';

t.test('errors of the file system become ours, a full disk by its name, others stay', async (t) => {
  let real: unknown;
  try {
    writeFileSync('/nowhere/at/all', '');
  } catch (error) {
    real = error;
  }
  t.match(writeError(real, '/a/b'), {
    code: 'resource/write',
    message: '/a/b cannot be written.',
    details: { path: '/a/b' },
    cause: real,
  });
  for (const code of ['ENOSPC', 'EDQUOT']) {
    const full = Object.assign(new Error(code), { code, syscall: 'write' });
    t.match(writeError(full, '/a/b'), {
      code: 'resource/no-space',
      message: 'There is no space left for /a/b.',
    });
    t.match(writeError(full, '/a/b', '7 MB are kept'), {
      message: 'There is no space left for /a/b; 7 MB are kept.',
    });
  }
  const own = new TalkError('resource/quota', 'Enough.');
  const plain = new TypeError('wrong');
  for (const error of [own, plain]) t.equal(writeError(error, '/a/b'), error);
});
