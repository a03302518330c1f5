import { isFinalRunState } from '../../shared/model/states.ts';
import type { InstanceClient } from '../instance/join-instance.ts';

/** What is to happen: nothing, the window goes and the runs stay, or everything ends. */
export type CloseAnswer = 'stay' | 'keep running' | 'quit';

/** What a person is asked, and what each button stands for. The last is also the answer of who closes the question. */
export interface CloseQuestion {
  readonly message: string;
  readonly detail: string;
  readonly buttons: readonly string[];
  readonly answers: readonly CloseAnswer[];
}

const WORDS = { 'keep running': 'Keep running in the tray', quit: 'Stop and quit', stay: 'Cancel' } as const;

/** `undefined` while nothing runs, and of an instance that does not answer any more: then there is nothing to keep. */
export async function findCloseQuestion(
  { calls }: Pick<InstanceClient, 'calls'>,
  wanted: 'close' | 'quit',
): Promise<CloseQuestion | undefined> {
  const { runs } = await calls.runs.list({}).catch(() => ({ runs: [] }));
  const live = runs.filter(({ state }) => !isFinalRunState(state)).length;
  if (live === 0) return undefined;
  const answers: readonly CloseAnswer[] = wanted === 'close' ? ['keep running', 'quit', 'stay'] : ['quit', 'stay'];
  return {
    message: live === 1 ? 'A run is under way.' : `${live} runs are under way.`,
    detail: 'What their agents have done is kept either way; a run that is stopped can be resumed.',
    buttons: answers.map((answer) => WORDS[answer]),
    answers,
  };
}
