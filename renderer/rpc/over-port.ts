import type { Transport } from '../../shared/contract/transport.ts';
import { PORT_END } from '../../shared/contract/window-port.ts';
import type { ClientMessage } from '../../shared/contract/wire.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import { PageTransport } from './page-transport.ts';

/**
 * A connection over the port that the desktop handed to this page. Says of each message that it was taken, so that main sends no
 * more than this page reads; says its own end, and hears main's, as a last word.
 */
export function overPort(port: MessagePort): Transport<ClientMessage> {
  const transport = new PageTransport<ClientMessage>({
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port, not a window
    post: (message) => port.postMessage(message),
    room: () => undefined,
    close: () => {
      // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port, not a window
      port.postMessage(PORT_END);
      port.close();
    },
  });
  const lose = (): void => {
    transport.finish(new AppError('INSTANCE_UNREACHABLE', 'The connection to Flotilla was lost.'));
    port.close();
  };
  port.addEventListener('message', ({ data }: MessageEvent<unknown>) => {
    if (data === PORT_END) return lose();
    transport.receive(data);
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port, not a window
    port.postMessage(1);
  });
  port.addEventListener('close', lose);
  port.start();
  return transport;
}
