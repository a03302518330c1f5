import { useCallback, useState } from 'react';
import type { AgentTimes } from '../../../../shared/contract/run-schemas.ts';
import { toAppError } from '../../../../shared/errors/app-error.ts';
import { useConnection, useStream } from '../../../rpc/host-context.tsx';
import type { Loaded } from '../../../rpc/loaded.ts';
import { useHostQuery } from '../../../rpc/queries.ts';
import { useToasts } from '../../../ui/toasts/use-toasts.ts';
import { AgentLog } from './log-model.ts';

const TIMES_MS = 2_000;

/** The log of one agent, kept up while it is shown. */
export function useAgentLog(runId: string, agent: number, session: number): Loaded<AgentLog> {
  return useStream(`runs.log ${runId} ${agent} ${session}`, {
    open: (host, signal) => host.calls.runs.log({ runId, agent }, { signal }),
    begin: () => new AgentLog(),
    fold: (log, item) => {
      log.take(item);
      return log;
    },
  });
}

/** More entries of a log than it has at first, and fewer again. */
export interface LogPages {
  /** Asks for the page before the first entry. */
  readonly loadEarlier: (log: AgentLog) => Promise<void>;
  readonly isLoadingEarlier: boolean;
  /** Drops all but about the newest page; what was dropped can be loaded again. A miss is tried again when it is asked for next. */
  readonly dropEarlier: (log: AgentLog) => Promise<void>;
}

/** Pages of the log of one agent. */
export function useLogPages(runId: string, agent: number): LogPages {
  const connection = useConnection();
  const { report } = useToasts();
  const [isLoadingEarlier, setLoading] = useState(false);
  const loadEarlier = async (log: AgentLog): Promise<void> => {
    if (log.older === undefined || isLoadingEarlier) return;
    setLoading(true);
    try {
      const host = await connection.host();
      const { items, older } = await host.calls.runs.earlierLog({ runId, agent, before: log.older });
      log.prepend(items, older);
    } catch (error) {
      report(toAppError(error), 'The earlier entries were not loaded');
    } finally {
      setLoading(false);
    }
  };
  const dropEarlier = useCallback(
    async (log: AgentLog): Promise<void> => {
      try {
        const host = await connection.host();
        const { items, older } = await host.calls.runs.earlierLog({ runId, agent });
        log.forgetBefore(items, older);
      } catch {
        // Nobody waits for it: the log is only longer than it needs to be.
      }
    },
    [connection, runId, agent],
  );
  return { loadEarlier, isLoadingEarlier, dropEarlier };
}

/** Where the agent's time went, asked again while it is at work. */
export function useAgentTimes(runId: string, agent: number, isLive: boolean): Loaded<AgentTimes> {
  return useHostQuery({
    key: ['runs', 'times', runId, agent, isLive],
    ask: (host, signal) => host.calls.runs.times({ runId, agent }, { signal }),
    everyMs: isLive ? TIMES_MS : undefined,
    keepsLast: false,
  });
}
