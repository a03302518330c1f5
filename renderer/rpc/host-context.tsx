import { createContext, useContext, useMemo, useSyncExternalStore } from 'react';
import { type Connection, type ConnectionState, type Host, type Reach, toReach } from './connection.ts';
import type { Loaded } from './loaded.ts';
import { type StreamSpec, StreamStore } from './stream-store.ts';

/** The page's connection; `app/main.tsx` provides it. */
export const ConnectionContext = createContext<Connection | undefined>(undefined);

/** The page's connection. */
export function useConnection(): Connection {
  const connection = useContext(ConnectionContext);
  if (!connection) throw new Error('No connection is provided above this component.');
  return connection;
}

/** Whether the host can be told something now. A view asks this; only the frame asks why. */
export function useReach(): Reach {
  const connection = useConnection();
  return useSyncExternalStore(
    (listener) => connection.subscribe(listener),
    () => toReach(connection.state),
  );
}

/** How the page stands to its host, for the frame that tells it: changes with each try. */
export function useConnectionState(): ConnectionState {
  const connection = useConnection();
  return useSyncExternalStore(
    (listener) => connection.subscribe(listener),
    () => connection.state,
  );
}

/**
 * One value kept up by a stream while the component is mounted and the page visible; `key` names what is streamed, a new one
 * subscribes anew.
 */
export function useStream<Item, Value>(key: string, spec: StreamSpec<Item, Value>): Loaded<Value> {
  return useStreamValue(useStreamStore(key, spec));
}

/**
 * The same for a component whose parts read one subscription, each with `useStreamValue`: only they are rendered when it
 * changes. Nothing is asked of the host while no part reads.
 */
export function useStreamStore<Item, Value>(key: string, spec: StreamSpec<Item, Value>): StreamStore<Item, Value> {
  const connection = useConnection();
  // The key stands for the spec: it is made anew at each render and means the same.
  // oxlint-disable-next-line react/exhaustive-deps
  return useMemo(() => new StreamStore(connection, spec), [connection, key]);
}

/** The value of a store, renewed at most once a frame. */
export function useStreamValue<Value>(store: Pick<StreamStore<never, Value>, 'subscribe' | 'snapshot'>): Loaded<Value> {
  return useSyncExternalStore(store.subscribe, store.snapshot);
}

/** Something asked of the host as soon as it is there. */
export type Ask<Value> = (host: Host, signal: AbortSignal) => Promise<Value>;
