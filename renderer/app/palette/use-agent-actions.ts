import { useDeferredValue } from 'react';
import { useLocation } from 'wouter';
import type { FoundAgent } from '../../../shared/contract/history.ts';
import { valueOf } from '../../rpc/loaded.ts';
import { useHostQuery } from '../../rpc/queries.ts';
import { useActions } from '../../ui/actions/use-actions.ts';
import { pathTo } from '../path-to.ts';
import { findRunOfPath, toAgentActions } from './agent-actions-model.ts';

/** One letter is in almost every name. */
const LEAST_LETTERS = 2;

/** Agents offered of the run that is shown, and of all runs. */
const MAX_AGENTS = 8;

/** Offers, while the palette is open, agents by name: those of the run that is shown, then the newest of all runs, live ones too. */
export function useAgentActions(typed: string): void {
  const [path, navigate] = useLocation();
  const text = useDeferredValue(typed.trim());
  const runId = findRunOfPath(path);
  const ofRun = useAgents(text, runId, runId !== undefined);
  const ofAll = useAgents(text, undefined, true);
  useActions(toAgentActions(text, { ofRun, ofAll }, (agent) => navigate(pathTo.agent(agent.runId, agent.agent))));
}

function useAgents(text: string, runId: string | undefined, isWanted: boolean): readonly FoundAgent[] {
  const isAsked = isWanted && text.length >= LEAST_LETTERS;
  const found = useHostQuery({
    key: ['history', 'agents', 'palette', text, runId],
    ask: (host, signal) => host.calls.history.agents({ text, limit: MAX_AGENTS, runId }, { signal }),
    enabled: isAsked,
    // What was found for less stays until more is known, so that the list does not flicker while somebody types.
    keepsLast: true,
  });
  return isAsked ? (valueOf(found)?.agents ?? []) : [];
}
