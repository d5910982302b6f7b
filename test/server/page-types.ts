/** The page's scripts are what their comments say they are: TypeScript reads them, the browser's types beside it. */
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import ts from 'typescript';
import { PACKAGE } from '../../src/graph/find.js';

t.test('no type is wrong', async (t) => {
  const web = join(PACKAGE, 'web');
  const files = readdirSync(web).filter((name) => name.endsWith('.js'));
  t.ok(files.includes('talk.js'));
  const program = ts.createProgram(
    files.map((name) => join(web, name)),
    {
      noEmit: true,
      allowJs: true,
      checkJs: true,
      strict: true,
      noUncheckedIndexedAccess: true,
      noPropertyAccessFromIndexSignature: true,
      target: ts.ScriptTarget.ES2023,
      lib: ['lib.es2023.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
      module: ts.ModuleKind.NodeNext,
      moduleResolution: ts.ModuleResolutionKind.NodeNext,
      types: [],
    },
  );
  const wrong = ts.getPreEmitDiagnostics(program).map(({ file, start = 0, messageText }) => {
    const line = (file?.getLineAndCharacterOfPosition(start).line ?? 0) + 1;
    return `${file?.fileName}:${line} ${ts.flattenDiagnosticMessageText(messageText, ' ')}`;
  });
  t.strictSame(wrong, []);
});
