import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '../../../runtime/time/clock.ts';

/** A server on loopback that takes its time and counts what it is asked. */
export interface CountingServer extends AsyncDisposable {
  readonly url: string;
  /** Requests since it was opened. */
  readonly count: number;
  /** Requests that wait for their answer now. */
  readonly open: number;
  /** The most that waited at the same time since the last call. */
  takeMost(): number;
}

/** Answers every request `ok` after `answerMs`. */
export async function openCountingServer(answerMs: number): Promise<CountingServer> {
  const seen = { count: 0, open: 0, most: 0 };
  const answer = async (response: ServerResponse): Promise<void> => {
    seen.count++;
    seen.most = Math.max(seen.most, ++seen.open);
    await systemClock.sleep(answerMs);
    seen.open--;
    response.end('ok');
  };
  const server = createServer((_, response) => void answer(response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    get count() {
      return seen.count;
    },
    get open() {
      return seen.open;
    },
    takeMost() {
      const { most } = seen;
      seen.most = seen.open;
      return most;
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
