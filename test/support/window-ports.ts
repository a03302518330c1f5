import { MessageChannel, type MessagePort as NodePort } from 'node:worker_threads';
import type { WindowPort } from '../../main/rpc/port-transport.ts';

/** The two ends of a window's port, as main and the page are given them; messages are really copied. */
export interface WindowPorts extends Disposable {
  readonly main: WindowPort;
  readonly page: MessagePort;
}

/**
 * A channel between threads stands in for the one between processes. Neither end hears that the other was closed: Chromium does not
 * tell it of a port that has changed hands.
 */
export function createWindowPorts(): WindowPorts {
  const { port1, port2 } = new MessageChannel();
  return {
    main: toMain(port1),
    page: toPage(port2),
    [Symbol.dispose]() {
      port1.close();
      port2.close();
    },
  };
}

function toMain(port: NodePort): WindowPort {
  return {
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a port, not a window
    postMessage: (message) => port.postMessage(message),
    start: () => port.start(),
    close: () => port.close(),
    on(event: string, listener: (event: { readonly data: unknown }) => void) {
      if (event === 'message') port.on('message', (data) => listener({ data }));
    },
  };
}

function toPage(port: NodePort): MessagePort {
  const page = port as unknown as MessagePort;
  const listen = page.addEventListener.bind(page) as (type: string, listener: unknown) => void;
  page.addEventListener = (type: string, listener: unknown) => {
    if (type === 'message') listen(type, listener);
  };
  return page;
}
