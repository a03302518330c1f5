import type { AgentLogItem } from '../../shared/contract/run-schemas.ts';
import type { RuntimeEvent } from '../../shared/events/runtime-event.ts';
import { isFinalAgentState } from '../../shared/model/states.ts';
import {
  toAnswerItem,
  toCallItem,
  toNoticeItem,
  toPromptItem,
  toStateItem,
  toStopText,
  toTurnItem,
} from '../history/reader/review/log-items.ts';

/** What an event adds to its agent's log: the same entries, under the same keys, that history will have of it. */
export function toLogItems(event: RuntimeEvent): AgentLogItem[] {
  switch (event.type) {
    case 'agent.added':
      return [toPromptItem(event)];
    case 'turn.started':
      return [toTurnItem({ ...event, state: 'asking', startedAtMs: event.atMs, text: '', toolCalls: [] })];
    case 'turn.finished':
      return [toTurnItem({ ...event, ...event.usage })];
    case 'toolCall.started':
      return [toCallItem({ ...event, arguments: event.argumentsJson, state: 'running', startedAtMs: event.atMs })];
    case 'toolCall.finished':
      return [toCallItem({ ...event, arguments: event.argumentsJson })];
    case 'notice':
      return [toNoticeItem(event)];
    case 'agent.changed': {
      const { state, atMs, reason, stop, answer } = event;
      // Its turns and calls say the same, with their times.
      if (state === 'asking' || state === 'running tools') return [];
      const said = isFinalAgentState(state) ? toAnswerItem(atMs, answer) : undefined;
      return [...(said ? [said] : []), toStateItem(atMs, state, reason ?? toStopText(stop))];
    }
    default:
      return [];
  }
}
