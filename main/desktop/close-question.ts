import { type BrowserWindow, dialog, type MessageBoxOptions } from 'electron';
import type { InstanceClient } from '../instance/join-instance.ts';

/** What is to happen: nothing, the window goes and the runs stay, or everything ends. */
export type CloseAnswer = 'stay' | 'keep running' | 'quit';

/** Asks only while something runs; otherwise the last window ends the program. */
export async function askBeforeClosing(
  { calls }: InstanceClient,
  window: BrowserWindow | undefined,
  wanted: 'close' | 'quit',
): Promise<CloseAnswer> {
  const { runs } = await calls.runs.list({});
  if (runs.length === 0) return 'quit';
  const answers: readonly CloseAnswer[] = wanted === 'close' ? ['keep running', 'quit', 'stay'] : ['quit', 'stay'];
  const words = { 'keep running': 'Keep running in the tray', quit: 'Stop and quit', stay: 'Cancel' };
  const options: MessageBoxOptions = {
    type: 'question',
    message: runs.length === 1 ? 'A run is under way.' : `${runs.length} runs are under way.`,
    detail: 'What their agents have done is kept either way; a run that is stopped can be resumed.',
    buttons: answers.map((answer) => words[answer]),
    defaultId: 0,
    cancelId: answers.length - 1,
    noLink: true,
  };
  const { response } = await (window ? dialog.showMessageBox(window, options) : dialog.showMessageBox(options));
  return answers[response] ?? 'stay';
}
