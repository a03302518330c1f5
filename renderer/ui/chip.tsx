import type { ReactNode } from 'react';
import type { AgentState, RunState } from '../../shared/model/states.ts';
import styles from './chip.module.css';

/** What a chip's colour says beside its words. */
export type Tone = 'idle' | 'ok' | 'accent' | 'warn' | 'bad';

/** A word on a coloured ground; the word alone must say it. */
export function Chip({ tone = 'idle', title, children }: { tone?: Tone; title?: string; children: ReactNode }) {
  return (
    <span className={styles['chip']} data-tone={tone} title={title}>
      {children}
    </span>
  );
}

/** The tone of each state of a run or an agent. */
const TONE_OF: Readonly<Record<RunState | AgentState, Tone>> = {
  queued: 'idle',
  running: 'accent',
  asking: 'accent',
  'running tools': 'ok',
  'waiting for approval': 'warn',
  retrying: 'warn',
  paused: 'warn',
  stopping: 'warn',
  done: 'idle',
  'limit reached': 'warn',
  failed: 'bad',
  stopped: 'idle',
  interrupted: 'warn',
};

/** A run's or an agent's state in its own word. */
export function StateChip({ state, title }: { state: RunState | AgentState; title?: string }) {
  return (
    <Chip tone={TONE_OF[state]} title={title}>
      {state}
    </Chip>
  );
}
