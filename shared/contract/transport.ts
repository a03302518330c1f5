import type { AppError } from '../errors/app-error.ts';

/**
 * A connection that carries whole messages in order: a socket, a MessagePort, a WebSocket or a pair in memory.
 *
 * The receiver parses every message; a transport promises only framing, order and its bounds.
 */
export interface Transport<Out, In = unknown> {
  /** Hands over a message; after the end it is forgotten. */
  send(message: Out): void;
  /** `undefined` while the peer keeps up, else a promise of room (it also resolves when the connection ends). */
  room(): Promise<void> | undefined;
  /** One listener; messages that came earlier are kept for it. */
  onMessage(listener: (message: In) => void): void;
  /** Called once, also when it has already ended: with the error that ended it, without one after `close`. */
  onEnd(listener: (error?: AppError) => void): void;
  /** Sends what is waiting, then ends the connection. Calling it again does nothing. */
  close(): void;
}
