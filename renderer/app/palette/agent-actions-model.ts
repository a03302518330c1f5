import type { FoundAgent } from '../../../shared/contract/history.ts';
import type { Action } from '../../ui/actions/action.ts';

/** Agents by where they were found. */
export interface NamedAgents {
  /** Of the run that is shown; empty where none is. */
  readonly ofRun: readonly FoundAgent[];
  readonly ofAll: readonly FoundAgent[];
}

/** The run whose page an address of the window is. */
export function findRunOfPath(path: string): string | undefined {
  return /^\/runs\/([^/]+)/u.exec(path)?.[1];
}

/**
 * An action for each agent: those of the run that is shown stand under a heading of their own and not again among all.
 *
 * @param text What they were found for: the host has judged how it fits, accents and all.
 */
export function toAgentActions(
  text: string,
  { ofRun, ofAll }: NamedAgents,
  open: (agent: FoundAgent) => void,
): readonly Action[] {
  const own = ofRun.map((agent) => toAction(agent, 'Agents of this run', agent.state));
  const ids = new Set(own.map(({ id }) => id));
  const others = ofAll.map((agent) => toAction(agent, 'Agents', `${agent.state} · ${agent.fleet}`));
  return [...own, ...others.filter(({ id }) => !ids.has(id))];

  function toAction(agent: FoundAgent, group: string, hint: string): Action {
    return {
      id: `agent ${agent.runId} ${agent.agent}`,
      title: `Open agent ${agent.name}`,
      group,
      hint,
      words: [text],
      run: () => open(agent),
    };
  }
}
