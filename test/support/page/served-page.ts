import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebSocket } from 'ws';
import type { Clock } from '../../../runtime/time/clock.ts';
import { systemClock } from '../../../runtime/time/clock.ts';
import type { Transport } from '../../../shared/contract/transport.ts';
import type { ServerMessage } from '../../../shared/contract/wire.ts';
import type { PageLimits } from '../../../main/page/page-limits.ts';
import { openPageServer, type PageServer } from '../../../main/page/page-server.ts';
import { loadScreens } from '../../../main/page/screens.ts';

/** An answer over HTTP. */
interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

/** A host of a small folder of files, and ways to knock at it. */
export interface ServedPage extends AsyncDisposable {
  readonly server: PageServer;
  readonly host: string;
  readonly origin: string;
  /** The path below which its files lie, as its first browser was told. */
  readonly base: string;
  /** Connections that pages have made, with what they said. */
  readonly connections: { readonly transport: Transport<ServerMessage>; readonly received: unknown[] }[];
  ask(path: string, headers?: Readonly<Record<string, string>>, method?: string): Promise<Answer>;
  /** Exchanges a one-time address for the cookie of a session. */
  logIn(): Promise<string>;
  /** Sends bytes as they are and answers everything that came back until the connection ended. */
  sendRaw(bytes: string): Promise<string>;
  /** Resolves with the open socket, or with the status that refused it. */
  dial(headers: Readonly<Record<string, string>>, path?: string): Promise<WebSocket | number>;
}

/** More than the system keeps for a connection that nobody reads, when it is asked for some dozens of times. */
const LARGE_BYTES = 1_000_000;

export async function servePage(limits: Partial<PageLimits> = {}, clock: Clock = systemClock): Promise<ServedPage> {
  const folder = await mkdtemp(join(tmpdir(), 'page-'));
  await mkdir(join(folder, 'screens', 'assets'), { recursive: true });
  await writeFile(join(folder, 'secret.html'), 'never');
  await writeFile(join(folder, 'screens', 'index.html'), '<!doctype html><title>Flotilla</title>');
  await writeFile(join(folder, 'screens', '.built-from'), 'never');
  await writeFile(join(folder, 'screens', 'icon.svg'), '<svg/>');
  await writeFile(join(folder, 'screens', 'large.js'), ' '.repeat(LARGE_BYTES));
  await writeFile(join(folder, 'screens', 'assets', 'main-1a2b.js'), 'export {}');
  const screens = await loadScreens(join(folder, 'screens'));
  if (!screens) throw new Error('the small folder was not read');
  const connections: ServedPage['connections'] = [];
  const onConnection = (transport: Transport<ServerMessage>): void => {
    const received: unknown[] = [];
    transport.onMessage((message) => received.push(message));
    connections.push({ transport, received });
  };
  const server = await openPageServer({ screens, port: 0, clock, limits, onConnection });
  const { port } = server;
  const host = `127.0.0.1:${port}`;
  const sockets = new Set<WebSocket>();
  const ask: ServedPage['ask'] = (path, headers = {}, method = 'GET') =>
    new Promise((resolve, reject) => {
      const request = httpRequest({ host: '127.0.0.1', port, path, method, headers, agent: false }, (response) => {
        let body = '';
        response.setEncoding('utf8').on('data', (text: string) => (body += text));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
      });
      request.on('error', reject).end();
    });
  const { headers } = await ask(`/${new URL(server.createUrl()).search}`);
  const base = headers.location ?? '';
  return {
    server,
    host,
    base,
    origin: `http://${host}`,
    connections,
    ask,
    async logIn() {
      const { pathname, search } = new URL(server.createUrl());
      const { headers } = await ask(`${pathname}${search}`);
      return headers['set-cookie']?.[0]?.split(';')[0] ?? '';
    },
    sendRaw: (bytes) =>
      new Promise((resolve) => {
        const socket = connect(port, '127.0.0.1');
        let said = '';
        socket.setEncoding('latin1').on('data', (text: string) => (said += text));
        socket.on('error', () => undefined).on('close', () => resolve(said));
        if (bytes !== '') socket.write(bytes, 'latin1');
      }),
    dial: (headers, path = `${base}rpc`) =>
      new Promise((resolve, reject) => {
        const socket = new WebSocket(`ws://${host}${path}`, { headers: { ...headers } });
        sockets.add(socket);
        socket.on('open', () => resolve(socket));
        socket.on('unexpected-response', (_request, response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        });
        socket.on('error', reject);
      }),
    async [Symbol.asyncDispose]() {
      for (const socket of sockets) socket.terminate();
      await server[Symbol.asyncDispose]();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
