import { useEffect, useRef, useState } from 'react';
import { findNamed } from './entry-name.ts';
import type { AgentLog } from './log-model.ts';
import type { LogPages } from './use-agent.ts';

/** Where the entry stands that is to be seen. */
export interface LogPlace {
  /** Whether one was asked for. */
  readonly isWanted: boolean;
  /** Among the entries there are; -1: it is not there, or not yet. */
  readonly at: number;
  /** It is in none of the pages that may be loaded. */
  readonly isMissing: boolean;
}

/** Finds the entry an address names, and loads earlier pages of the log until it is there, as far as the log's bound allows. */
export function useLogPlace(log: AgentLog, pages: LogPages, name: string | undefined): LogPlace {
  const [isMissing, setMissing] = useState(false);
  /** The page that was asked for last: one that did not come is not asked for again and again. */
  const asked = useRef<string>(undefined);
  const at = name === undefined ? -1 : findNamed(log.entries, name);
  const isLooking = name !== undefined && at < 0 && !isMissing && log.isWhole && !pages.isLoadingEarlier;
  const { older } = log;
  const { loadEarlier } = pages;
  useEffect(() => {
    if (!isLooking) return;
    if (older === undefined || older === asked.current) {
      setMissing(true);
      return;
    }
    asked.current = older;
    void loadEarlier(log);
    // `loadEarlier` is made anew at each render and does the same.
    // oxlint-disable-next-line react/exhaustive-deps, react/exhaustive-effect-dependencies
  }, [isLooking, older, log]);
  return { isWanted: name !== undefined, at, isMissing };
}
