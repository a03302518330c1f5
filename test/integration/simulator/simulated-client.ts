import { readFileSync } from 'node:fs';
import type { IncomingHttpHeaders } from 'node:http';
import { connect, type ClientHttp2Session } from 'node:http2';
import { request } from 'node:https';
import { parseSimulatorOptions, type SimulatorInput } from '../../../runtime/providers/simulator/options.ts';
import { openSimulatorServer, type SimulatorServer } from '../../../runtime/providers/simulator/server.ts';

export function openServer(input: SimulatorInput = {}): Promise<SimulatorServer> {
  return openSimulatorServer(parseSimulatorOptions(input));
}

export interface Answered {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly text: string;
}

/** One request over HTTP/1.1 on a connection of its own. */
export function post(
  server: SimulatorServer,
  path: string,
  body: unknown,
  headers: Record<string, string> = {},
): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const sent = request(
      {
        host: '127.0.0.1',
        port: server.port,
        path,
        method: body === undefined ? 'GET' : 'POST',
        ca: readFileSync(server.caFile),
        agent: false,
        headers: { 'content-type': 'application/json', ...headers },
      },
      (response) => {
        let text = '';
        response.setEncoding('utf8');
        response.on('data', (piece: string) => (text += piece));
        response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, text }));
        response.on('error', reject);
      },
    );
    sent.on('error', reject);
    sent.end(body === undefined ? '' : typeof body === 'string' ? body : JSON.stringify(body));
  });
}

export function connectHttp2(server: SimulatorServer): ClientHttp2Session {
  const session = connect(`https://127.0.0.1:${server.port}`, { ca: readFileSync(server.caFile) });
  session.on('error', () => {});
  return session;
}

/** One streamed chat completion over HTTP/2: what came, and how it ended. */
export function streamOver(
  session: ClientHttp2Session,
  body: unknown,
  onPiece: (text: string) => void = () => {},
): Promise<{ text: string; ended: 'whole' | 'broken' }> {
  return new Promise((resolve) => {
    const stream = session.request({
      ':method': 'POST',
      ':path': '/v1/chat/completions',
      'content-type': 'application/json',
    });
    let text = '';
    let whole = false;
    stream.setEncoding('utf8');
    stream.on('data', (piece: string) => {
      text += piece;
      onPiece(text);
    });
    stream.on('end', () => (whole = stream.rstCode === 0));
    stream.on('error', () => {});
    stream.on('close', () => resolve({ text, ended: whole && stream.rstCode === 0 ? 'whole' : 'broken' }));
    stream.end(JSON.stringify(body));
  });
}

export const ask = (content: string, rest: object = {}): object => ({
  model: 'sim/default',
  messages: [{ role: 'user', content }],
  ...rest,
});
