import { expect, test } from 'vitest';
import { PortTransport, type WindowPort } from '../../../main/rpc/port-transport.ts';
import { overPort } from '../../../renderer/rpc/over-port.ts';
import type { Transport } from '../../../shared/contract/transport.ts';
import { MAX_MESSAGE_BYTES, type ServerMessage } from '../../../shared/contract/wire.ts';
import type { AppError } from '../../../shared/errors/app-error.ts';
import { createWindowPorts } from '../../support/window-ports.ts';

/** A message of the contract that carries `bytes`. */
const carrying = (...bytes: readonly Uint8Array[]): ServerMessage => ({
  type: 'items',
  id: 1,
  items: [...bytes],
  dropped: 0,
});

/** The next `count` messages. */
function hear(transport: Transport<never>, count: number): Promise<unknown[]> {
  const heard: unknown[] = [];
  return new Promise((resolve) => {
    transport.onMessage((message) => {
      if (heard.push(message) === count) resolve(heard);
    });
  });
}

function endOf(transport: Transport<never>): Promise<AppError | undefined> {
  return new Promise((resolve) => transport.onEnd(resolve));
}

/** A port worked by hand, whose page takes nothing by itself. */
class HandPort implements WindowPort {
  readonly posted: unknown[] = [];
  isClosed = false;
  #listener: (event: { readonly data: unknown }) => void = () => undefined;
  #onClose: () => void = () => undefined;

  postMessage(message: unknown): void {
    this.posted.push(message);
  }
  start(): void {}
  close(): void {
    this.isClosed = true;
  }
  on(event: string, listener: (event: { readonly data: unknown }) => void): void {
    if (event === 'message') this.#listener = listener;
    else this.#onClose = listener as () => void;
  }
  say(data: unknown): void {
    this.#listener({ data });
  }
  vanish(): void {
    this.#onClose();
  }
}

test('messages cross in order, bytes as bytes, also those that came before anyone listened', async () => {
  using ports = createWindowPorts();
  const main = new PortTransport(ports.main);
  const page = overPort(ports.page);
  main.send(carrying(new Uint8Array([0, 127, 255])));
  main.send({ type: 'end', id: 1 });
  page.send({ type: 'cancel', id: 1 });
  page.send({ type: 'cancel', id: 2 });
  expect(await hear(page, 2)).toEqual([carrying(new Uint8Array([0, 127, 255])), { type: 'end', id: 1 }]);
  expect(await hear(main, 2)).toEqual([
    { type: 'cancel', id: 1 },
    { type: 'cancel', id: 2 },
  ]);
});

test('there is room again when the page has taken what waits, and not before', async () => {
  using ports = createWindowPorts();
  const main = new PortTransport(ports.main);
  expect(main.room()).toBeUndefined();
  main.send(carrying(new Uint8Array(600_000)));
  expect(main.room()).toBeUndefined();
  main.send(carrying(new Uint8Array(600_000)));
  const room = main.room();
  expect(room).toBeInstanceOf(Promise);
  const page = overPort(ports.page);
  const heard = hear(page, 2);
  await room;
  expect(main.room()).toBeUndefined();
  await heard;
});

test('room waits for as many bytes as were taken, oldest first', async () => {
  const port = new HandPort();
  const main = new PortTransport(port);
  let hasRoom = false;
  main.send(carrying(new Uint8Array(10)));
  main.send(carrying(new Uint8Array(2_000_000)));
  const room = main.room()?.then(() => (hasRoom = true));
  port.say(1);
  await Promise.resolve();
  expect(hasRoom).toBe(false);
  expect(main.room()).toBeDefined();
  port.say(1);
  await room;
  expect(hasRoom).toBe(true);
});

test('a page that does not read is cut off before it fills the memory, and who waits for room is let go', async () => {
  const port = new HandPort();
  const main = new PortTransport(port);
  const ended = endOf(main);
  const large = new Uint8Array(MAX_MESSAGE_BYTES);
  main.send(carrying(large));
  const room = main.room();
  for (let message = 0; message < 10; message++) main.send(carrying(large));
  expect(await ended).toMatchObject({ code: 'INSTANCE_UNREACHABLE' });
  await room;
  // What was too much is the last, and the end follows it.
  expect(port.posted).toHaveLength(5);
  expect(port.posted.at(-1)).toBeNull();
  expect(port.isClosed).toBe(true);
  expect(main.room()).toBeUndefined();
});

test('a page that says it took what it was never sent is cut off', async () => {
  for (const count of [0, 2, -1, 0.5, Number.NaN]) {
    const port = new HandPort();
    const main = new PortTransport(port);
    main.send({ type: 'end', id: 1 });
    port.say(count);
    expect(await endOf(main)).toMatchObject({ code: 'INPUT_INVALID' });
  }
});

test('a page that says more than is kept before anyone listens is cut off', async () => {
  const port = new HandPort();
  const main = new PortTransport(port);
  for (let message = 0; message < 1_001; message++) port.say({ message });
  expect(await endOf(main)).toMatchObject({ code: 'INPUT_INVALID' });
});

test('either side hears at once that the other has closed, without an event of its port', async () => {
  using ports = createWindowPorts();
  const main = new PortTransport(ports.main);
  const page = overPort(ports.page);
  const heard = hear(page, 1);
  main.send({ type: 'end', id: 7 });
  main.close();
  expect(await heard).toEqual([{ type: 'end', id: 7 }]);
  expect(await endOf(page)).toMatchObject({ code: 'INSTANCE_UNREACHABLE' });
  expect(await endOf(main)).toBeUndefined();

  using others = createWindowPorts();
  const main2 = new PortTransport(others.main);
  const page2 = overPort(others.page);
  page2.close();
  expect(await endOf(main2)).toMatchObject({ code: 'INSTANCE_UNREACHABLE' });
  expect(await endOf(page2)).toBeUndefined();
});

test('a port that tells of its end is believed, and the end is told once', async () => {
  const port = new HandPort();
  const main = new PortTransport(port);
  let ends = 0;
  main.onEnd(() => ends++);
  port.vanish();
  port.say(null);
  main.close();
  await endOf(main);
  expect(ends).toBe(1);
  main.send({ type: 'end', id: 1 });
  expect(port.posted).toEqual([null]);
});
