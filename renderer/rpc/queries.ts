import { keepPreviousData, QueryClient, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { type AppError, isAppError, toAppError } from '../../shared/errors/app-error.ts';
import { type Ask, useConnection, useReach } from './host-context.tsx';
import type { Connection, Host } from './connection.ts';
import type { Loaded } from './loaded.ts';
import { type CommandOptions, sendCommand } from './send-command.ts';

/** The cache of answers: kept while a view shows them, asked again when the host comes back. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        networkMode: 'always',
        staleTime: 1_000,
        // The contract says which failures may pass; a lost connection is waited out by `host()`.
        retry: (count, error) => count < 2 && isAppError(error) && error.retryable,
      },
      mutations: { networkMode: 'always' },
    },
  });
}

/** What a query is asked with. */
export interface HostQuery<Value> {
  /** Names the answer: domain, entry, input. Commands make answers stale by its first words. */
  readonly key: readonly unknown[];
  readonly ask: Ask<Value>;
  readonly enabled?: boolean;
  /** Asked again this often while it is shown. */
  readonly everyMs?: number;
  /** Shows the last answer under another key until the new one is there. */
  readonly keepsLast?: boolean;
}

/** An answer of the host as a union no state of which can be forgotten. */
export function useHostQuery<Value>({ key, ask, enabled, everyMs, keepsLast }: HostQuery<Value>): Loaded<Value> {
  const connection = useConnection();
  const isHere = useReach() === 'here';
  const { data, error, dataUpdatedAt, isPending, refetch, isPlaceholderData } = useQuery<Value>({
    queryKey: key,
    queryFn: async ({ signal }) => ask(await connection.host(), signal),
    enabled,
    refetchInterval: isHere ? everyMs : false,
    placeholderData: keepsLast ? keepPreviousData : undefined,
  });
  const isOld = !isHere || isPlaceholderData;
  return toLoaded({ data, error, dataUpdatedAt, isPending, isOld, refetch: () => void refetch() });
}

/** What TanStack Query knows of one answer, and whether the value it holds is one of before. */
interface QueryFacts<Value> {
  readonly data: Value | undefined;
  readonly error: Error | null;
  readonly dataUpdatedAt: number;
  readonly isPending: boolean;
  readonly isOld: boolean;
  readonly refetch: () => void;
}

/** A value is shown as long as there is one: as `stale` when a newer one failed to come. */
export function toLoaded<Value>({
  data,
  error,
  dataUpdatedAt,
  isPending,
  isOld,
  refetch,
}: QueryFacts<Value>): Loaded<Value> {
  if (data !== undefined) {
    const isStale = isOld || error !== null;
    return isStale ? { kind: 'stale', value: data, sinceMs: dataUpdatedAt } : { kind: 'ready', value: data };
  }
  if (isPending || error === null) return { kind: 'loading' };
  return { kind: 'failed', error: toAppError(error), retry: refetch };
}

/** Asks everything that is shown again after each return of the host: it may have done much, or be another process. */
export function refetchOnReturn(queries: Pick<QueryClient, 'invalidateQueries'>, connection: Connection): () => void {
  let last: Host | undefined;
  return connection.subscribe(() => {
    const { state } = connection;
    if (state.kind !== 'open' || state.host === last) return;
    if (last !== undefined) void queries.invalidateQueries();
    last = state.host;
  });
}

/** A command as a button needs it. */
export interface HostCommand<Input, Output> {
  /** Carries it out; answers what the host answered, `undefined` after a failure, which `onError` has heard. */
  run(input: Input): Promise<Output | undefined>;
  readonly isRunning: boolean;
}

/** A command of the contract, applied once (see `sendCommand`); after it every answer whose key begins with one of `changes` is asked again. */
export function useHostCommand<Input, Output>(
  send: (host: Host, input: Input, how: CommandOptions) => Promise<Output>,
  options: { readonly changes?: readonly string[]; readonly onError: (error: AppError) => void },
): HostCommand<Input, Output> {
  const connection = useConnection();
  const queries = useQueryClient();
  const { mutateAsync, isPending } = useMutation({
    mutationFn: (input: Input) => sendCommand(connection, (host, how) => send(host, input, how)),
    onSettled: async () => {
      for (const first of options.changes ?? []) void queries.invalidateQueries({ queryKey: [first] });
    },
  });
  return {
    isRunning: isPending,
    run: async (input) => {
      try {
        return await mutateAsync(input);
      } catch (error) {
        options.onError(toAppError(error));
        return undefined;
      }
    },
  };
}
