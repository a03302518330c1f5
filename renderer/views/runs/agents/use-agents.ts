import { useCallback, useMemo, useState, useSyncExternalStore } from 'react';
import { AGENT_STATES } from '../../../../shared/model/states.ts';
import { useNow } from '../../../app/use-now.ts';
import { useStreamStore, useStreamValue } from '../../../rpc/host-context.tsx';
import { type Loaded, valueOf } from '../../../rpc/loaded.ts';
import type { StreamStore } from '../../../rpc/stream-store.ts';
import type { Arrangement } from './agent-order-keys.ts';
import { AgentsOrder } from './agents-order.ts';
import { AgentsStore } from './agents-store.ts';
import { type Items, toItems } from './items-model.ts';

/** Agents change places at most this often, so that a row can be read and hit; their cells are always of now. */
const ARRANGE_MS = 300;
const NEVER_MS = 2 ** 30;
const QUEUED = AGENT_STATES.indexOf('queued');

/** One subscription to the agents of a run, for the parts of its page that read them. */
export type AgentsStream = Pick<StreamStore<never, AgentsStore>, 'subscribe' | 'snapshot'>;

/** The agents of a run, read with `useAgents`; `session` is raised when it goes on after its end. */
export function useAgentsStream(runId: string, session: number): AgentsStream {
  return useStreamStore(`runs.agents ${runId} ${session}`, {
    open: (host, signal) => host.calls.runs.agents({ runId }, { signal }),
    begin: () => new AgentsStore(),
    fold: (store, message: Uint8Array) => {
      store.take(message);
      return store;
    },
  });
}

/** The agents as they stand; whoever reads them is rendered when they change. */
export function useAgents(stream: AgentsStream): Loaded<AgentsStore> {
  return useStreamValue(stream);
}

/** Agents that wait for their slot, as the table counts them at this moment; `undefined` before they are there. */
export function useQueuedCount(stream: AgentsStream): number | undefined {
  return useSyncExternalStore(stream.subscribe, () => valueOf(stream.snapshot())?.countByState[QUEUED]);
}

/** Whether a resume would find something to do; `true` while not all of the `count` agents are there. */
export function useHasAgentLeft(stream: AgentsStream, count: number): boolean {
  return useSyncExternalStore(stream.subscribe, () => {
    const store = valueOf(stream.snapshot());
    return !store || store.size < count || store.hasAgentLeft();
  });
}

/** The lines of the table, put in order anew a few times a second while the run is live. */
export function useItems(
  store: AgentsStore,
  wish: Arrangement,
  options: { readonly collapsed: ReadonlySet<string>; readonly isLive: boolean },
): Items {
  const { collapsed, isLive } = options;
  const nowMs = useNow(isLive ? ARRANGE_MS : NEVER_MS);
  const order = useMemo(() => new AgentsOrder(store), [store]);
  // A run that has ended is put in order when something came, one at work by the clock; its size counts at once.
  const beat = isLive ? nowMs : store.version;
  const { size } = store;
  // oxlint-disable-next-line react/exhaustive-deps -- the store changes in place: beat and size say when
  const rows = useMemo(() => order.arrange(wish, nowMs).slice(), [order, wish, beat, size]);
  return useMemo(() => toItems(store, rows, wish.groupBy, collapsed), [store, rows, wish.groupBy, collapsed]);
}

/** How the agents are wanted, as the controls above the table change it. */
export interface Wish {
  readonly wish: Arrangement;
  readonly change: (part: Partial<Arrangement>) => void;
}

const AS_IN_FILE: Arrangement = { sort: 'agent', isDescending: false, text: '', states: [], groupBy: 'none' };

/** Begins with all agents in the order of the fleet's file. */
export function useWish(): Wish {
  const [wish, setWish] = useState(AS_IN_FILE);
  const change = useCallback((part: Partial<Arrangement>) => setWish((before) => ({ ...before, ...part })), []);
  return { wish, change };
}
