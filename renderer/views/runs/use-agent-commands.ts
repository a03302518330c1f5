import { useMemo } from 'react';
import { useConnection } from '../../rpc/host-context.tsx';
import { type Send, sendCommand } from '../../rpc/send-command.ts';
import { AppError, toAppError } from '../../../shared/errors/app-error.ts';
import { useConfirm } from '../../ui/overlays/use-confirm.ts';
import { useToasts } from '../../ui/toasts/use-toasts.ts';

/** What can be done with one agent of a live run. */
export interface AgentCommands {
  readonly pause: (agent: number, name: string) => Promise<void>;
  readonly resume: (agent: number, name: string) => Promise<void>;
  /** Asks first. */
  readonly stop: (agent: number, name: string) => Promise<void>;
  /** Cuts off what an agent does that was asked to stop. */
  readonly stopNow: (agent: number, name: string) => Promise<void>;
}

/** Commands to agents of `runId`; the same object while the run is, so that rows are not rendered for it. */
export function useAgentCommands(runId: string): AgentCommands {
  const connection = useConnection();
  const confirm = useConfirm();
  const { report } = useToasts();
  return useMemo(() => {
    const tell = async (name: string, what: string, send: Send<unknown>): Promise<void> => {
      try {
        await sendCommand(connection, send);
      } catch (error) {
        report(toPlain(toAppError(error), name), `${name} was not ${what}`);
      }
    };
    return {
      pause: (agent, name) => tell(name, 'paused', (host, how) => host.calls.runs.pauseAgent({ runId, agent }, how)),
      resume: (agent, name) => tell(name, 'resumed', (host, how) => host.calls.runs.resumeAgent({ runId, agent }, how)),
      stopNow: (agent, name) =>
        tell(name, 'stopped', (host, how) => host.calls.runs.stopAgent({ runId, agent, deadlineMs: 0 }, how)),
      stop: async (agent, name) => {
        const isSure = await confirm({
          title: `Stop ${name}?`,
          consequence:
            'What it does now may take a few seconds to end; then it is cut off. Its log stays in history, and the other agents go on.',
          confirmLabel: 'Stop agent',
          tone: 'danger',
        });
        if (isSure) await tell(name, 'stopped', (host, how) => host.calls.runs.stopAgent({ runId, agent }, how));
      },
    };
  }, [connection, confirm, report, runId]);
}

/** The host's own sentence names the run and the agent by their numbers, which the page does not show. */
function toPlain(error: AppError, name: string): AppError {
  if (error.code !== 'AGENT_NOT_LIVE') return error;
  return new AppError(error.code, `${name} has ended or is not at work any more. Its log stays in history.`);
}
