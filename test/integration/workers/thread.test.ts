import { expect, test } from 'vitest';
import { openThread, type Thread } from '../../../runtime/workers/thread.ts';
import { threads } from '../../../runtime/workers/thread-table.ts';
import { threadPort } from '../../../runtime/workers/thread-port.ts';

const echo = new URL('../../support/threads/echo.ts', import.meta.url);
const MB = 1024 * 1024;

function nextMessage(thread: Thread): Promise<unknown> {
  return new Promise((resolve) => thread.onMessage(resolve));
}

function end(thread: Thread): Promise<Error | undefined> {
  return new Promise((resolve) => thread.onEnd(resolve));
}

test('a thread gets its data and answers messages in order', async () => {
  await using thread = openThread({ name: 'echo-1', module: echo, data: { greeting: 'hello' } });
  const answers: unknown[] = [];
  const all = new Promise<void>((resolve) => thread.onMessage((answer) => answers.push(answer) === 2 && resolve()));
  thread.post(1);
  thread.post('two');
  await all;
  expect(answers).toEqual([
    { data: { greeting: 'hello' }, message: 1 },
    { data: { greeting: 'hello' }, message: 'two' },
  ]);
});

test('a thread is in the table with its own heap and limit while it lives', async () => {
  {
    await using thread = openThread({
      name: 'small',
      module: echo,
      oldGenerationBytes: 32 * MB,
      youngGenerationBytes: 4 * MB,
    });
    const answered = nextMessage(thread);
    thread.post('ready?');
    await answered;
    const [stats] = threads().filter(({ name }) => name === 'small');
    expect(stats!.heapUsedBytes).toBeGreaterThan(MB);
    expect(stats!.heapLimitBytes).toBeGreaterThanOrEqual(32 * MB);
    expect(stats!.heapLimitBytes).toBeLessThan(200 * MB);
    expect(stats!.utilisationRatio).toBeGreaterThanOrEqual(0);
    expect(stats!.utilisationRatio).toBeLessThanOrEqual(1);
  }
  expect(threads().some(({ name }) => name === 'small')).toBe(false);
});

test('disposing lets the thread finish first', async () => {
  const thread = openThread({ name: 'polite', module: echo });
  const ended = end(thread);
  const answered = nextMessage(thread);
  thread.post('ready?');
  await answered;
  const last = nextMessage(thread);
  await thread[Symbol.asyncDispose]();
  await expect(last).resolves.toBe('closing');
  await expect(ended).resolves.toBeUndefined();
  await thread[Symbol.asyncDispose]();
});

test('a thread that does not answer is ended after its grace, and its figures can be read before that', async () => {
  const thread = openThread({ name: 'deaf', module: echo, closeGraceMs: 50 });
  const ended = end(thread);
  const answered = nextMessage(thread);
  thread.post('ready?');
  await answered;
  thread.post('spin');
  expect(threads().find(({ name }) => name === 'deaf')!.heapUsedBytes).toBeGreaterThan(MB);
  await thread[Symbol.asyncDispose]();
  await expect(ended).resolves.toBeUndefined();
  expect(threads().some(({ name }) => name === 'deaf')).toBe(false);
});

test('an exception, an exit and a module that is not there end the thread with WORKER_LOST', async () => {
  for (const message of ['throw', 'exit']) {
    const thread = openThread({ name: message, module: echo });
    const ended = end(thread);
    thread.post(message);
    await expect(ended).resolves.toMatchObject({ code: 'WORKER_LOST' });
    await thread[Symbol.asyncDispose]();
  }
  const thread = openThread({ name: 'nothing', module: new URL('./is-not-there.ts', import.meta.url) });
  await expect(end(thread)).resolves.toMatchObject({ code: 'WORKER_LOST' });
});

test('a thread that closes itself has ended as it should', async () => {
  await using thread = openThread({ name: 'own end', module: echo });
  const ended = end(thread);
  thread.post('close');
  await expect(ended).resolves.toBeUndefined();
});

test('buffers are handed over and not copied', async () => {
  await using thread = openThread({ name: 'transfer', module: echo });
  const bytes = new Uint8Array([1, 2, 3]);
  const answered = nextMessage(thread);
  thread.post(bytes, [bytes.buffer]);
  expect(bytes.byteLength).toBe(0);
  await expect(answered).resolves.toMatchObject({ message: new Uint8Array([1, 2, 3]) });
});

test('the port exists only inside a thread', () => {
  expect(() => threadPort()).toThrow(expect.objectContaining({ code: 'INTERNAL' }));
});
