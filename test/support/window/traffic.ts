import type { Page, WebSocket } from 'playwright-core';
import { fromFrame } from '../../../shared/contract/message-frame.ts';

/** One stream of the contract as it crossed the page's WebSocket. */
export interface StreamTraffic {
  readonly entry: string;
  /** When each of its messages arrived, in milliseconds since the epoch. */
  readonly arrivals: number[];
  bytes: number;
  isOpen: boolean;
}

/** What crosses the WebSockets of a page, seen from outside of it. */
export interface Traffic {
  /** Every stream that was ever opened, in order. */
  readonly streams: readonly StreamTraffic[];
  /** Names of the streams that are open now. */
  open(): string[];
  /** Ends the newest connection as a network would: neither side is told why. */
  readonly sockets: readonly WebSocket[];
}

interface Said {
  readonly type?: string;
  readonly id?: number;
  readonly entry?: string;
}

/** Listens from now on; call it before the page is loaded. */
export function watchTraffic(page: Page): Traffic {
  const streams: StreamTraffic[] = [];
  const sockets: WebSocket[] = [];
  page.on('websocket', (socket) => {
    sockets.push(socket);
    const byId = new Map<number, StreamTraffic>();
    socket.on('framesent', ({ payload }) => {
      const { type, id = 0, entry = '' } = read(payload);
      if (type === 'open') {
        const stream = { entry, arrivals: [], bytes: 0, isOpen: true };
        byId.set(id, stream);
        streams.push(stream);
      } else if (type === 'cancel') close(byId.get(id));
    });
    socket.on('framereceived', ({ payload }) => {
      const { type, id = 0 } = read(payload);
      const stream = byId.get(id);
      if (type === 'end' || type === 'error') close(stream);
      if (type !== 'items' || !stream) return;
      stream.arrivals.push(Date.now());
      stream.bytes += payload.length;
    });
    socket.on('close', () => {
      for (const stream of byId.values()) close(stream);
    });
  });
  const open = (): string[] => streams.filter(({ isOpen }) => isOpen).map(({ entry }) => entry);
  return { streams, sockets, open };
}

function close(stream: StreamTraffic | undefined): void {
  if (stream) stream.isOpen = false;
}

function read(payload: string | Buffer): Said {
  return (typeof payload === 'string' ? JSON.parse(payload) : fromFrame(payload)) as Said;
}
