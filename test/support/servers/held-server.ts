import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server on loopback that answers as many requests as it is told to, and holds the others. */
export interface HeldServer extends AsyncDisposable {
  readonly url: string;
  /** The path of every request, in the order in which they came. */
  readonly paths: readonly string[];
  readonly answered: number;
  /** Answers so many of those that are held or will come. */
  letPass(count: number): void;
}

export async function openHeldServer(): Promise<HeldServer> {
  const paths: string[] = [];
  const held: ServerResponse[] = [];
  let answered = 0;
  let passes = 0;
  const serve = (): void => {
    while (passes > 0 && held.length > 0) {
      passes--;
      answered++;
      held.shift()!.end('ok');
    }
  };
  const server = createServer((request, response) => {
    paths.push(request.url ?? '');
    held.push(response);
    serve();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    paths,
    get answered() {
      return answered;
    },
    letPass(count) {
      passes += count;
      serve();
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
