import { connect, createServer, type Socket } from 'node:net';
import type { AddressInfo } from 'node:net';

/** The way between a page and its host, which a test can break as networks break. */
export interface BreakableNetwork extends AsyncDisposable {
  /** The page connects here; see `browserArgs`. */
  readonly port: number;
  /** Holds back what `direction` carries without a word to either side, until `mend`. */
  cut(direction: 'answers' | 'both'): void;
  /** Ends every connection as a network device does that forgot them: what was held back is lost. */
  drop(): void;
  /** Lets through what was held back and what comes. */
  mend(): void;
}

type Cut = 'none' | 'answers' | 'both';

/** Opens the way to the host on `hostPort`. */
export async function openBreakableNetwork(hostPort: number): Promise<BreakableNetwork> {
  let cut: Cut = 'none';
  const sockets = new Set<Socket>();
  const backlog: (() => void)[] = [];
  const carry = (from: Socket, to: Socket, isAnswer: boolean): void => {
    from.on('data', (chunk: Buffer) => {
      const isHeld = cut === 'both' || (cut === 'answers' && isAnswer);
      if (isHeld) backlog.push(() => void to.write(chunk));
      else to.write(chunk);
    });
    from.on('close', () => to.destroy());
    from.on('error', () => to.destroy());
    sockets.add(from);
    from.once('close', () => sockets.delete(from));
  };
  const server = createServer((page) => {
    const host = connect(hostPort, '127.0.0.1');
    carry(page, host, false);
    carry(host, page, true);
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  const drop = (): void => {
    backlog.length = 0;
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as AddressInfo).port,
    cut(direction) {
      cut = direction;
    },
    drop,
    mend() {
      cut = 'none';
      for (const pass of backlog.splice(0)) pass();
    },
    async [Symbol.asyncDispose]() {
      drop();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Has Chromium reach `localhost:<hostPort>` through the network while page and host still speak of the host's own address. */
export function browserArgs(hostPort: number, network: BreakableNetwork): readonly string[] {
  return [`--host-resolver-rules=MAP localhost:${hostPort} 127.0.0.1:${network.port}`];
}
