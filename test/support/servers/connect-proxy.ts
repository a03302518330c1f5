import { createServer, request as sendRequest } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';

/** A small HTTP proxy on loopback that notes what it was asked for. */
export interface ConnectProxy extends AsyncDisposable {
  readonly port: number;
  /** `host:port` of each tunnel. */
  readonly targets: readonly string[];
  /** Address of each forwarded request. */
  readonly forwarded: readonly string[];
  readonly credentials: readonly string[];
}

/** Opens a proxy; with `refuseWith` it answers every tunnel with that status. */
export async function openConnectProxy(options: { readonly refuseWith?: number } = {}): Promise<ConnectProxy> {
  const targets: string[] = [];
  const forwarded: string[] = [];
  const credentials: string[] = [];
  const sockets = new Set<Socket>();
  const server = createServer((request, response) => {
    forwarded.push(request.url ?? '');
    const onward = sendRequest(request.url ?? '', { method: request.method, headers: request.headers }, (answer) => {
      response.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(response);
    });
    onward.on('error', () => response.destroy());
    request.pipe(onward);
  });
  server.on('connect', (request, socket: Socket, head: Buffer) => {
    socket.on('error', () => {});
    if (options.refuseWith !== undefined) {
      return socket.end(`HTTP/1.1 ${options.refuseWith} Refused\r\ncontent-length: 0\r\n\r\n`);
    }
    targets.push(request.url ?? '');
    if (request.headers['proxy-authorization'] !== undefined) credentials.push(request.headers['proxy-authorization']);
    const [host, port] = (request.url ?? '').split(':');
    const onward = connect(Number(port), host === 'localhost' ? '127.0.0.1' : host, () => {
      socket.write('HTTP/1.1 200 Connection established\r\n\r\n');
      onward.write(head);
      onward.pipe(socket).pipe(onward);
    });
    onward.on('error', () => socket.destroy());
    sockets.add(onward);
    return undefined;
  });
  server.on('connection', (socket: Socket) => sockets.add(socket));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    port: (server.address() as AddressInfo).port,
    targets,
    forwarded,
    credentials,
    async [Symbol.asyncDispose]() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}
