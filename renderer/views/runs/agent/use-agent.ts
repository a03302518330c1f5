import { useState } from 'react';
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

/** Asks for the page before the first entry. */
export function useEarlierLog(
  runId: string,
  agent: number,
): { readonly load: (log: AgentLog) => Promise<void>; readonly isLoading: boolean } {
  const connection = useConnection();
  const { report } = useToasts();
  const [isLoading, setLoading] = useState(false);
  const load = async (log: AgentLog): Promise<void> => {
    if (log.older === undefined || isLoading) return;
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
  return { load, isLoading };
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
