import { type BrowserWindow, dialog, type MessageBoxOptions } from 'electron';
import { type CloseAnswer, findCloseQuestion } from '../app/close-question.ts';
import type { InstanceClient } from '../instance/join-instance.ts';

/** Asks only while something runs; otherwise the last window ends the program. */
export async function askBeforeClosing(
  client: InstanceClient,
  window: BrowserWindow | undefined,
  wanted: 'close' | 'quit',
): Promise<CloseAnswer> {
  const question = await findCloseQuestion(client, wanted);
  if (!question) return 'quit';
  const { message, detail, buttons, answers } = question;
  const options: MessageBoxOptions = {
    type: 'question',
    message,
    detail,
    buttons: [...buttons],
    defaultId: 0,
    cancelId: answers.length - 1,
    noLink: true,
  };
  const { response } = await (window ? dialog.showMessageBox(window, options) : dialog.showMessageBox(options));
  return answers[response] ?? 'stay';
}
