import { useInfiniteQuery } from '@tanstack/react-query';
import { useEffect, useRef, useState } from 'react';
import { useLocation } from 'wouter';
import { pathTo } from '../../app/path-to.ts';
import type { FoundText } from '../../../shared/contract/history.ts';
import { toAppError } from '../../../shared/errors/app-error.ts';
import { useConnection, useReach } from '../../rpc/host-context.tsx';
import type { Loaded } from '../../rpc/loaded.ts';
import { after } from '../../rpc/timers.ts';

/** Finds of one page. */
const PAGE_ROWS = 50;

/** How often finds are looked for again while the word index is behind. */
const LAG_LOOK_MS = 3_000;

/** A person types a letter each 150 to 200 ms; one question follows when they pause. */
const PAUSE_MS = 250;

/** What was found so far. */
export interface Found {
  readonly text: string;
  readonly hits: readonly FoundText[];
  /** Rows that the word index has still to take in, at most. */
  readonly wordLag: number;
  readonly hasMore: boolean;
}

/** Searches everything recorded for `text`; nothing is asked while it is empty. */
export function useSearch(text: string): {
  readonly found: Loaded<Found>;
  readonly more: () => void;
  readonly isLoadingMore: boolean;
} {
  const connection = useConnection();
  const isHere = useReach() === 'here';
  const { data, error, isPending, isPlaceholderData, dataUpdatedAt, ...query } = useInfiniteQuery({
    queryKey: ['history', 'search', text],
    enabled: text !== '',
    initialPageParam: undefined as string | undefined,
    queryFn: async ({ pageParam, signal }) => {
      const host = await connection.host();
      return host.calls.history.search({ text, limit: PAGE_ROWS, after: pageParam }, { signal });
    },
    getNextPageParam: (page) => page.next,
    // What the word index has not taken in yet comes in by itself.
    refetchInterval: ({ state: { data } }) => ((data?.pages.at(-1)?.wordLag ?? 0) > 0 ? LAG_LOOK_MS : false),
    placeholderData: (previous) => previous,
  });
  const rest = { more: () => void query.fetchNextPage(), isLoadingMore: query.isFetchingNextPage };
  if (data) {
    const value: Found = {
      text,
      hits: data.pages.flatMap(({ hits }) => hits),
      wordLag: data.pages.at(-1)?.wordLag ?? 0,
      hasMore: query.hasNextPage,
    };
    const isFresh = isHere && error === null && !isPlaceholderData;
    return { ...rest, found: isFresh ? { kind: 'ready', value } : { kind: 'stale', value, sinceMs: dataUpdatedAt } };
  }
  if (isPending || error === null) return { ...rest, found: { kind: 'loading' } };
  return { ...rest, found: { kind: 'failed', error: toAppError(error), retry: () => void query.refetch() } };
}

/**
 * The text of the field, and how it becomes the address a moment after the last key. An address that came from elsewhere
 * replaces what was typed; one this page made does not, since typing may have gone on.
 */
export function useTypedSearch(address: string): { readonly typed: string; readonly type: (text: string) => void } {
  const [, navigate] = useLocation();
  const [typed, setTyped] = useState(address);
  const [known, setKnown] = useState(address);
  const [own, setOwn] = useState(address);
  const timer = useRef<Disposable>(undefined);
  useEffect(() => () => timer.current?.[Symbol.dispose](), []);
  if (address !== known) {
    setKnown(address);
    if (address !== own) setTyped(address);
  }
  const type = (text: string): void => {
    setTyped(text);
    timer.current?.[Symbol.dispose]();
    timer.current = after(PAUSE_MS, () => {
      const words = text.trim();
      setOwn(words);
      navigate(pathTo.search(words), { replace: true });
    });
  };
  return { typed, type };
}
