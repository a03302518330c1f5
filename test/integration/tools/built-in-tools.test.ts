import { execFileSync } from 'node:child_process';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { link, mkdir, readFile, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openProcesses } from '../../../runtime/processes/processes.ts';
import type { Processes } from '../../../runtime/processes/owned-process.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import { builtInTools, type BuiltInTools } from '../../../runtime/tools/built-in-tools.ts';
import type { Permission } from '../../../runtime/tools/tool.ts';
import { openCpuWorkers } from '../../../runtime/workers/cpu-lane.ts';
import { openTemporaryFolder, openToolBench, type ToolBench } from '../../support/tool-bench.ts';

const REPOSITORY = join(import.meta.dirname, '../../..');
const MEGABYTE = 1_024 ** 2;

const opened = new AsyncDisposableStack();
let processes: Processes;
let built: BuiltInTools;

beforeAll(() => {
  processes = opened.use(openProcesses({ clock: systemClock }));
  const cpuWorkers = opened.use(
    openCpuWorkers(
      { maxWorkers: 1, oldGenerationBytes: 256 * MEGABYTE, youngGenerationBytes: 16 * MEGABYTE, idleTimeoutMs: 10_000 },
      { clock: systemClock },
    ),
  );
  built = opened.use(builtInTools({ processes, cpuWorkers, settings: () => ({ stopGraceMs: 500 }) }));
});
afterAll(() => opened.disposeAsync());

function bench(
  workspace: string,
  allow: Permission[] = [],
  more: { timeoutMs?: number; maxOutputBytes?: number; onNotice?: (text: string) => void } = {},
): ToolBench {
  return openToolBench({ tools: built.tools, workspace, allow, ...more });
}

/** Lines of `command`'s output, in the repository. */
function lines(command: string, ...args: string[]): string[] {
  const out = execFileSync(command, args, {
    cwd: REPOSITORY,
    env: { ...process.env, LC_ALL: 'C.UTF-8' },
    maxBuffer: 64 * MEGABYTE,
  });
  return out.toString().split('\n').filter(Boolean);
}

/** As `grep -c`, which ends with 1 when it counts nothing. */
function grepCount(args: readonly string[], file: string): number {
  try {
    return Number(lines('grep', '-c', ...args, file)[0]);
  } catch {
    return 0;
  }
}

describe.skipIf(process.platform === 'win32')('about this repository', () => {
  test('list_files names what git names', async () => {
    await using tools = bench(REPOSITORY);
    const { output } = await tools.call('list_files', { path: 'shared', limit: 10_000 });
    const expected = lines('git', 'ls-files', '--cached', '--others', '--exclude-standard', 'shared');
    expect(output.trimEnd().split('\n')).toEqual([`files: ${expected.length}`, ...expected.toSorted()]);
  });

  test('outline_file counts what wc and grep count', async () => {
    await using tools = bench(REPOSITORY);
    const files = lines('git', 'ls-files', 'shared', 'runtime/tools').filter((file) => file.endsWith('.ts'));
    expect(files.length).toBeGreaterThan(20);
    for (const path of files) {
      const { output } = await tools.call('outline_file', { path });
      const [wordCount = ''] = lines('wc', '-l', path);
      expect(JSON.parse(output)).toMatchObject({
        lines: Number.parseInt(wordCount, 10),
        exports: grepCount(['^export '], path),
        imports: grepCount(['^import '], path),
        todos: grepCount(['-E', 'TODO|FIXME'], path),
      });
    }
  });

  test.each([['^export '], ['AppError'], [String.raw`\bclass\b`], ['[a-z]+Ms: number;$'], ['TODO|FIXME']])(
    'search_files counts for %s what grep counts',
    async (pattern) => {
      await using tools = bench(REPOSITORY);
      const { output } = await tools.call('search_files', { pattern, path: 'shared', mode: 'count', limit: 10_000 });
      const expected = lines('git', 'ls-files', '--cached', '--others', '--exclude-standard', 'shared')
        .toSorted()
        .map((file) => ({ file, count: grepCount(['-E', pattern], file) }))
        .filter(({ count }) => count > 0);
      expect(output.trimEnd().split('\n').slice(1)).toEqual(expected.map(({ file, count }) => `${file}:${count}`));
    },
  );

  test('read_file gives what is there', async () => {
    await using tools = bench(REPOSITORY);
    const content = await readFile(join(REPOSITORY, 'LICENSE'), 'utf8');
    const count = content.split('\n').length - 1;
    expect((await tools.call('read_file', { path: 'LICENSE' })).output).toBe(
      `lines 1-${count} of ${count}\n${content}`,
    );
  });
});

describe('in a worker thread', () => {
  test('an expression that takes too long ends by itself, and the next one is served', async () => {
    await using folder = await openTemporaryFolder();
    await writeFile(join(folder.path, 'a.txt'), `${'ab'.repeat(30_000)}\n`.repeat(200));
    for (let i = 0; i < 60; i++) await link(join(folder.path, 'a.txt'), join(folder.path, `${i}.txt`));
    await using tools = bench(folder.path, [], { timeoutMs: 700 });
    const slow = await tools.call('search_files', { pattern: String.raw`[ab]{0,500}\b[^ab]` });
    expect(slow).toMatchObject({ state: 'failed', error: { code: 'TASK_TIMED_OUT' } });
    expect(await tools.call('search_files', { pattern: 'zzz' })).toMatchObject({ state: 'done' });
  });

  test('a search outside the workspace, or through a link out of it, is refused', async () => {
    await using folder = await openTemporaryFolder();
    const root = join(folder.path, 'workspace');
    await mkdir(root);
    await writeFile(join(folder.path, 'secret.txt'), 'secret');
    await symlink(folder.path, join(root, 'out'));
    await using tools = bench(root);
    for (const path of ['..', 'out', 'out/secret.txt', '/etc']) {
      for (const [tool, args] of [
        ['search_files', { pattern: 'secret', path }],
        ['list_files', { path }],
        ['outline_file', { path }],
      ] as const) {
        expect(await tools.call(tool, args)).toMatchObject({ error: { code: 'WORKSPACE_ESCAPE' } });
      }
    }
    expect((await tools.call('search_files', { pattern: 'secret' })).output).toBe(
      'matches: 0 in 0 files, 0 searched\n',
    );
  });

  test('bad patterns are told apart from bad files', async () => {
    await using folder = await openTemporaryFolder();
    await using tools = bench(folder.path);
    expect(await tools.call('search_files', { pattern: '(' })).toMatchObject({ error: { code: 'PATTERN_INVALID' } });
    expect(await tools.call('list_files', { glob: '[' })).toMatchObject({ error: { code: 'PATTERN_INVALID' } });
    expect(await tools.call('list_files', { path: 'none' })).toMatchObject({ error: { code: 'FILE_NOT_FOUND' } });
    expect(await tools.call('outline_file', { path: 'none.ts' })).toMatchObject({ error: { code: 'FILE_NOT_FOUND' } });
    expect(await tools.call('outline_file', { path: '.' })).toMatchObject({ error: { code: 'TOOL_FAILED' } });
  });
});

describe.skipIf(process.platform === 'win32')('shell', () => {
  test('is denied unless the fleet allows it', async () => {
    await using folder = await openTemporaryFolder();
    await using tools = bench(folder.path);
    expect(await tools.call('shell', { command: 'echo hello' })).toMatchObject({
      state: 'denied',
      error: { code: 'TOOL_DENIED' },
    });
    expect(await tools.call('write_file', { path: 'a', content: '' })).toMatchObject({ state: 'denied' });
  });

  test('answers the exit code and both outputs, and says whether it is confined', async () => {
    await using folder = await openTemporaryFolder();
    await mkdir(join(folder.path, 'sub'));
    const notices: string[] = [];
    await using tools = bench(folder.path, ['shell'], { onNotice: (text) => void notices.push(text) });
    const { state, output } = await tools.call('shell', { command: 'pwd; echo ä >&2; exit 3', path: 'sub' });
    expect(state).toBe('done');
    expect(output).toMatch(/^exit code 3 \(sandbox: (bubblewrap|none)\)\n/);
    expect(output.split('\n').slice(1)).toEqual([join(folder.path, 'sub'), '[standard error]', 'ä', '']);
    expect(notices.length).toBe(output.includes('sandbox: none') ? 1 : 0);
  });

  test('sees nothing of our environment but what is named', async () => {
    await using folder = await openTemporaryFolder();
    await using tools = bench(folder.path, ['shell']);
    process.env['FLOTILLA_TEST_SECRET'] = 'x';
    const { output } = await tools.call('shell', { command: 'env' });
    delete process.env['FLOTILLA_TEST_SECRET'];
    const names = output.split('\n').flatMap((line) => /^(\w+)=/.exec(line)?.[1] ?? []);
    expect(names.toSorted().filter((name) => !['PWD', 'SHLVL', 'OLDPWD', '_'].includes(name))).toEqual([
      'FLOTILLA_TOKEN',
      'HOME',
      'LANG',
      'PATH',
      'TMPDIR',
    ]);
  });

  test('where it is confined, writes in the workspace only, has no network and cannot see other processes', async () => {
    await using folder = await openTemporaryFolder();
    await using tools = bench(folder.path, ['shell']);
    const outside = join(REPOSITORY, '.build', `escape-${process.pid}`);
    await mkdir(join(folder.path, '.git', 'hooks'), { recursive: true });
    const script = [
      'echo in > inside',
      `echo out > ${outside}`,
      'echo hook > .git/hooks/pre-commit',
      'ls /proc | grep -c "^[0-9]"',
      'cat /proc/net/dev | grep -c :',
      'ls /run | wc -l',
    ];
    const { output } = await tools.call('shell', { command: script.join('; ') });
    expect(await readFile(join(folder.path, 'inside'), 'utf8')).toBe('in\n');
    const isConfined = output.includes('sandbox: bubblewrap');
    const isWritten = await readFile(outside, 'utf8').then(
      () => true,
      () => false,
    );
    if (isWritten) execFileSync('rm', [outside]);
    expect(isWritten).toBe(!isConfined);
    const [processCount, networks, runs] = output.split('\n').slice(1).map(Number);
    expect(!isConfined || (processCount! < 10 && networks! <= 1 && runs === 0)).toBe(true);
    // A repository below /tmp is not there at all in the sandbox; elsewhere it is read-only.
    const refusals = output.match(/Read-only file system|cannot create .*(?:nonexistent|No such file)/g) ?? [];
    expect(!isConfined || refusals.length === 2).toBe(true);
  });

  test('is ended after its time, keeps what it printed, and leaves nothing alive', async () => {
    await using folder = await openTemporaryFolder();
    await using tools = bench(folder.path, ['shell'], { timeoutMs: 600 });
    await tools.call('shell', { command: 'true' });
    const result = await tools.call('shell', { command: 'echo begun; (trap "" TERM; sleep 60) & sleep 60' });
    expect(result).toMatchObject({ state: 'failed', error: { code: 'TASK_TIMED_OUT' } });
    expect(result.output).toContain('begun');
    await expect.poll(() => processes.alive(), { timeout: 10_000 }).toEqual([]);
  });

  test('is ended when its call is cancelled', async () => {
    await using folder = await openTemporaryFolder();
    await using tools = bench(folder.path, ['shell']);
    const { signal, abort } = abortable();
    const call = tools.call('shell', { command: 'touch begun; sleep 60' }, { signal });
    await expect
      .poll(() => readFile(join(folder.path, 'begun'), 'utf8').catch(() => undefined), { timeout: 10_000 })
      .toBe('');
    abort();
    expect(await call).toMatchObject({ state: 'cancelled', error: { code: 'TASK_CANCELLED' } });
    await expect.poll(() => processes.alive(), { timeout: 10_000 }).toEqual([]);
  });

  test('that prints without end is cut, and its size is told', async () => {
    await using folder = await openTemporaryFolder();
    await using tools = bench(folder.path, ['shell'], { maxOutputBytes: 1_000 });
    const result = await tools.call('shell', { command: 'yes ä | head -c 3000000' });
    expect(result).toMatchObject({ state: 'done' });
    expect(result.outputBytes).toBeGreaterThanOrEqual(3_000_000);
    expect(result.output).toMatch(/\n\[\d+ bytes cut; the limit is 1000 bytes\]$/);
    expect(result.output).not.toContain('\uFFFD');
  });

  test('cannot make a link that a file tool follows out of the workspace', async () => {
    await using folder = await openTemporaryFolder();
    await using tools = bench(folder.path, ['shell', 'write_file']);
    await tools.call('shell', { command: 'ln -s /etc etc; ln -s /etc/hostname name; mkfifo pipe' });
    for (const path of ['etc/hostname', 'name']) {
      expect(await tools.call('read_file', { path })).toMatchObject({ error: { code: 'WORKSPACE_ESCAPE' } });
      expect(await tools.call('write_file', { path, content: '' })).toMatchObject({
        error: { code: 'WORKSPACE_ESCAPE' },
      });
    }
    expect(await tools.call('read_file', { path: 'pipe' })).toMatchObject({ error: { code: 'TOOL_FAILED' } });
    expect((await tools.call('search_files', { pattern: '.' })).output).toContain('matches: 0');
  });
});

function abortable(): { signal: AbortSignal; abort: () => void } {
  const controller = new AbortController();
  return { signal: controller.signal, abort: () => controller.abort() };
}

const ANSWERS: Readonly<Record<string, (response: ServerResponse) => unknown>> = {
  '/long': (response) => response.setHeader('content-type', 'text/plain').end('ä'.repeat(100_000)),
  '/bytes': (response) => response.end(Buffer.from([0, 255, 1])),
  '/away': (response) => response.writeHead(302, { location: 'http://169.254.169.254/latest' }).end(),
  '/file': (response) => response.writeHead(302, { location: 'file:///etc/passwd' }).end(),
  '/hang': (response) => response.write('x'),
};

function echo(request: IncomingMessage, response: ServerResponse): void {
  let body = '';
  request.on('data', (piece: Buffer) => (body += piece.toString()));
  request.on('end', () => {
    response.writeHead(request.url === '/404' ? 404 : 200, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ method: request.method, body }));
  });
}

describe('http', () => {
  let server: Server;
  let origin: string;
  beforeAll(async () => {
    server = createServer((request, response) => {
      const answer = ANSWERS[request.url ?? ''];
      if (answer) answer(response);
      else echo(request, response);
    });
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve));
    origin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterAll(() => {
    server.closeAllConnections();
    server.close();
  });

  test('answers status, headers and body', async () => {
    await using tools = bench(REPOSITORY, ['http-loopback']);
    const { state, output } = await tools.call('http', { url: `${origin}/x`, method: 'POST', body: 'ä' });
    expect(state).toBe('done');
    expect(output).toMatch(
      new RegExp(`^HTTP 200 ${origin}/x\ncontent-type: application/json\n(.*\n)*\n{"method":"POST","body":"ä"}$`),
    );
    expect(await tools.call('http', { url: `${origin}/404` })).toMatchObject({
      state: 'done',
      output: expect.stringMatching(/^HTTP 404/),
    });
    expect((await tools.call('http', { url: `${origin}/bytes` })).output).toContain(
      '[3 bytes that are not UTF-8 text]',
    );
  });

  test('does not reach this machine, private ranges or other schemes, also through a redirect', async () => {
    await using closed = bench(REPOSITORY);
    const port = new URL(origin).port;
    for (const url of [
      origin,
      `http://localhost:${port}`,
      `http://[::ffff:127.0.0.1]:${port}`,
      `http://2130706433:${port}`,
      'http://10.0.0.1/',
      'file:///etc/passwd',
      'ftp://example.org/',
    ]) {
      expect(await closed.call('http', { url })).toMatchObject({ state: 'failed', error: { code: 'ADDRESS_REFUSED' } });
    }
    await using tools = bench(REPOSITORY, ['http-loopback']);
    expect(await tools.call('http', { url: `${origin}/away` })).toMatchObject({ error: { code: 'ADDRESS_REFUSED' } });
    expect(await tools.call('http', { url: `${origin}/file` })).toMatchObject({ error: { code: 'ADDRESS_REFUSED' } });
  });

  test('is capped between characters, with a marker', async () => {
    await using tools = bench(REPOSITORY, ['http-loopback'], { maxOutputBytes: 5_000 });
    const result = await tools.call('http', { url: `${origin}/long` });
    expect(result.output).toMatch(/ä\n\[\d+ bytes cut; the limit is 5000 bytes\]$/);
    expect(result.output).not.toContain('\uFFFD');
    expect(result.outputBytes).toBeGreaterThan(5_000);
  });

  test('ends with its time or its call', async () => {
    await using tools = bench(REPOSITORY, ['http-loopback'], { timeoutMs: 300 });
    expect(await tools.call('http', { url: `${origin}/hang` })).toMatchObject({
      state: 'failed',
      error: { code: 'TASK_TIMED_OUT' },
    });
    const { signal, abort } = abortable();
    const call = tools.call('http', { url: `${origin}/hang` }, { signal });
    abort();
    expect(await call).toMatchObject({ state: 'cancelled' });
  });

  test('refuses what makes no sense', async () => {
    await using tools = bench(REPOSITORY, ['http-loopback']);
    expect(await tools.call('http', { url: origin, body: 'x' })).toMatchObject({
      error: { code: 'TOOL_ARGUMENTS_INVALID' },
    });
    expect(await tools.call('http', { url: origin, method: 'CONNECT' })).toMatchObject({
      error: { code: 'TOOL_ARGUMENTS_INVALID' },
    });
    expect(await tools.call('http', { url: 'not an address' })).toMatchObject({ error: { code: 'INPUT_INVALID' } });
    expect(await tools.call('http', { url: origin, headers: { 'x-a': 'b\r\nc: d' } })).toMatchObject({
      state: 'failed',
    });
  });
});
