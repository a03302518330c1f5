import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { outlineFileTask } from '../../../runtime/tools/cpu/outline-file-task.ts';
import { openTemporaryFolder } from '../../support/tool-bench.ts';

interface Outline {
  readonly language: string;
  readonly lines: number;
  readonly exports: number;
  readonly imports: number;
  readonly todos: number;
  readonly functions?: number;
  readonly longest?: { readonly name: string; readonly line: number; readonly lines: number } | null;
  readonly outline?: readonly { readonly name: string; readonly line: number; readonly lines: number }[];
  readonly problem?: string;
}

let folder: Awaited<ReturnType<typeof openTemporaryFolder>>;
beforeEach(async () => void (folder = await openTemporaryFolder()));
afterEach(() => folder[Symbol.asyncDispose]());

async function outline(content: string, path = 'a.ts', maxBytes = 64_000): Promise<Outline> {
  const absolute = join(folder.path, path);
  await mkdir(dirname(absolute), { recursive: true });
  await writeFile(absolute, content);
  const { text } = await outlineFileTask({ root: folder.path, path: absolute, maxBytes, timeLimitMs: 60_000 });
  return JSON.parse(text) as Outline;
}

async function names(content: string, path?: string): Promise<string[]> {
  const { outline: functions } = await outline(content, path);
  return (functions ?? []).map(({ name, line, lines }) => `${name} ${line}+${lines}`);
}

describe('the functions of a source', () => {
  test('are found with their names and lengths, whatever form they have', async () => {
    const source = `import { a } from 'b';
export function declared(): void {
  inner();
  function inner() {}
}
export const arrow = async <T>(x: T): Promise<T> => {
  return x;
};
const expression = function own() {};
export default function () {}
class Reader<T> extends Base<T> {
  #private = 1;
  constructor(readonly x?: number) {
    super();
  }
  get size(): number { return 1; }
  static of() {
  }
  #hidden() {}
  field = () => {
    return 1;
  };
  abstract none(): void;
  declare overload: number;
  method(a: string): void;
  method(a: unknown): void {
    using _ = a as Disposable;
  }
  'quoted name'() {}
  [computed]() {}
}
export const table = { run() {}, stop: () => {}, 'x-y': function () {}, nested: { deep() {} } };
module.exports.last = function () {
  [1].map((x) => x);
};
`;
    expect(await names(source)).toEqual([
      'declared 2+4',
      'inner 4+1',
      'arrow 6+3',
      'expression 9+1',
      'default 10+1',
      'Reader.constructor 13+3',
      'Reader.size 16+1',
      'Reader.of 17+2',
      'Reader.#hidden 19+1',
      'Reader.field 20+3',
      'Reader.method 26+3',
      'Reader.quoted name 29+1',
      'table.run 32+1',
      'table.stop 32+1',
      'table.x-y 32+1',
      'table.nested.deep 32+1',
      'module.exports.last 33+3',
    ]);
    expect(await outline(source)).toMatchObject({ functions: 17, longest: { name: 'declared', line: 2, lines: 4 } });
  });

  test('are found in JSX, decorators, enums, flow and old scripts', async () => {
    expect(await names('export const View = () => <p>{list.map((x) => <b>{x}</b>)}</p>;\n', 'view.tsx')).toEqual([
      'View 1+1',
    ]);
    expect(await names('function View() {\n  return <p/>;\n}\n', 'view.jsx')).toEqual(['View 1+3']);
    expect(
      await names('enum A { B }\n@dec class C { @dec() m() {} }\nnamespace N { export function f() {} }\n'),
    ).toEqual(['C.m 2+1', 'f 3+1']);
    expect(await names('with (x) { function f() {} }\nvar g = function () { return 010; };\n', 'old.js')).toEqual([
      'f 1+1',
      'g 2+1',
    ]);
    expect(await names('const a = <T,>(x: T) => x;\nlet b = <T>x;\n', 'cast.mts')).toEqual(['a 1+1']);
  });

  test('are counted by lines as editors count, also with CRLF and U+2028', async () => {
    expect(await names('function a() {\r\n}\r\nfunction b() {}\r\n')).toEqual(['a 1+2', 'b 3+1']);
    expect(await names('const s = "\u2028";\nfunction a() {}\n')).toEqual(['a 2+1']);
  });

  test('that are many are all counted and partly shown, so that the answer stays JSON', async () => {
    const source = Array.from({ length: 1_000 }, (_, i) => `function f${i}() {}\n`).join('');
    const many = await outline(source);
    expect(many.functions).toBe(1_000);
    expect(many.outline?.length).toBe(200);
    expect((await outline(source, 'a.ts', 3_000)).outline?.length).toBeLessThan(30);
    expect((await outline(source, 'a.ts', 100)).outline).toEqual([]);
  });

  test('of a source that cannot be parsed are not guessed', async () => {
    const broken = await outline('export function a() {\nimport x\n{{{{', 'broken.ts');
    expect(broken).toMatchObject({
      lines: 2,
      exports: 1,
      imports: 1,
      problem: expect.stringContaining('cannot be parsed'),
    });
    expect(broken.functions).toBeUndefined();
    const deep = await outline(`x = ${'['.repeat(50_000)}`, 'deep.js');
    expect(deep.problem ?? deep.functions).toBeDefined();
  });

  test('of a source without any are none', async () => {
    expect(await outline('export const a = 1;\n')).toMatchObject({ functions: 0, longest: null, outline: [] });
  });
});

describe('the lines of a file', () => {
  test('are counted as wc and grep count them', async () => {
    expect(await outline('', 'a.txt')).toEqual({
      path: 'a.txt',
      language: 'text',
      bytes: 0,
      lines: 0,
      todos: 0,
      exports: 0,
      imports: 0,
    });
    expect(await outline('export a\n export b\nexport\timport \nimport x', 'a.txt')).toMatchObject({
      lines: 3,
      exports: 1,
      imports: 1,
    });
    expect(await outline('// TODO TODO\nFIXME\ntodo\nTODOs', 'a.md')).toMatchObject({ lines: 3, todos: 3 });
    expect(await outline('\r\n\r\n', 'a.md')).toMatchObject({ lines: 2 });
  });

  test('of a file that is not text are not counted', async () => {
    await expect(outline('a\0b', 'a.ts')).rejects.toMatchObject({ code: 'FILE_NOT_TEXT' });
  });

  test('of a source of many megabytes are counted, and its functions are not', async () => {
    const large = await outline('export const a = 1;\n'.repeat(300_000), 'generated.js');
    expect(large).toMatchObject({ lines: 300_000, exports: 300_000, problem: 'too large to be parsed' });
  });
});
