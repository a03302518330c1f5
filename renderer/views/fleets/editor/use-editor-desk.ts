import { type RefObject, useEffect, useState } from 'react';
import type { AppError } from '../../../../shared/errors/app-error.ts';
import { pathTo } from '../../../app/path-to.ts';
import type { Action } from '../../../ui/actions/action.ts';
import { useActions } from '../../../ui/actions/use-actions.ts';
import { useToasts } from '../../../ui/toasts/use-toasts.ts';
import { findLaunchObstacle } from '../preview/preview-model.ts';
import { isOf, placeProblem } from '../text/problem-model.ts';
import type { TextEditor } from '../text/text-editor.ts';
import { type Draft, findDraft } from './draft-model.ts';
import { toFileText } from './file-text.ts';
import { type FleetCheck, useFleetCheck } from './use-fleet-check.ts';
import { type FleetFileDesk, type OpenedFile, useFleetFile } from './use-fleet-file.ts';
import { useLaunching } from './use-launching.ts';
import { useLeaving } from './use-leaving.ts';

/** What a page's editor is opened with. */
export interface DeskOptions {
  readonly opened: OpenedFile;
  /** Hears of another name the document was saved under. */
  readonly onMoved: (path: string) => void;
}

/** Everything the editor's page does: one text, its check, its file, its launch. */
export function useEditorDesk({ opened, onMoved }: DeskOptions, editor: RefObject<TextEditor | null>) {
  const [begin] = useState(() => beginWith(opened));
  const [text, setText] = useState(begin.text);
  const [draft, setDraft] = useState(begin.draft);
  const file = useFleetFile(begin.opened, text);
  const { path, lineEnd } = file.file;
  const isNew = file.file.saved === undefined;
  const check = useFleetCheck(path, text, (now) => toFileText(now, lineEnd));
  const hasWork = file.isDirty && text !== file.file.beginning;
  const leaving = useLeaving(hasWork, file.forgetDraft);
  const launching = useLaunching({ path, text: toFileText(text, lineEnd) }, leaving.go);
  const move = (to: string): void => {
    if (to === path && !isNew) return;
    onMoved(to);
    leaving.go(pathTo.fleet(to), { replace: true });
  };
  const saving = useSaving(file, check, move);
  const { show } = useToasts();
  useUnderlines(editor, check, path);
  const obstacle = findLaunchObstacle({
    isConnected: check.isConnected,
    isChecked: check.isNewest,
    problems: check.problems.length,
    preview: check.preview,
  });
  const launch = (): void => {
    if (obstacle === undefined) void launching.run();
  };
  useActions(toActions({ ...saving, launch: obstacle === undefined ? launch : undefined }));
  return {
    text,
    setText,
    file,
    check,
    isNew,
    hasWork,
    // Of what was saved since, the bar would say something wrong.
    draft: file.file === begin.opened ? draft : undefined,
    saving,
    obstacle,
    launch,
    isLaunching: launching.isRunning,
    launchError: launching.error,
    replaceFromForm: (next: string | undefined): void => {
      if (next !== undefined) return editor.current?.replace(next, 'form');
      show({
        tone: 'warn',
        title: 'The form cannot change this',
        text: 'Other places may repeat it; change it in the text.',
      });
      return undefined;
    },
    keepDraft: () => setDraft(undefined),
    discardDraft: (): void => {
      editor.current?.replace(opened.beginning, 'file');
      file.takeRevision(opened.revision);
      setDraft(undefined);
    },
  };
}

/** Saving under the same name or another. */
function useSaving(file: FleetFileDesk, check: Pick<FleetCheck, 'isConnected'>, move: (path: string) => void) {
  const [isNaming, setNaming] = useState(false);
  const canSave = file.isDirty && check.isConnected && !file.isSaving;
  const saveOrName = async (): Promise<void> => {
    if ((await file.save()) === 'needs name') setNaming(true);
  };
  return {
    canSave,
    isNaming,
    setNaming,
    suggestedName: file.file.suggestedName,
    save: (): void => {
      if (canSave) void saveOrName();
    },
    /** Answers why it could not be saved there; a file that is in the way is asked about. */
    saveAs: async (chosen: string): Promise<AppError | undefined> => {
      const written = await file.saveAs(chosen);
      if (written.kind === 'saved') move(written.path);
      return written.kind === 'failed' ? written.error : undefined;
    },
    overwrite: async (): Promise<void> => {
      const written = await file.overwrite();
      if (written !== undefined) move(written);
    },
  };
}

interface DeskActions {
  readonly canSave: boolean;
  readonly save: () => void;
  readonly setNaming: (isNaming: boolean) => void;
  /** Absent while it cannot be launched. */
  readonly launch: (() => void) | undefined;
}

function toActions({ canSave, save, setNaming, launch }: DeskActions): Action[] {
  const group = 'This fleet';
  const typing = { group, worksWhileTyping: true };
  return [
    ...(canSave ? [{ ...typing, id: 'fleet.save', title: 'Save the fleet', keys: 'mod+s', run: save }] : []),
    ...(launch ? [{ ...typing, id: 'fleet.launch', title: 'Launch this fleet', keys: 'mod+enter', run: launch }] : []),
    { group, id: 'fleet.save-as', title: 'Save the fleet as…', run: () => setNaming(true) },
  ];
}

interface Beginning {
  readonly opened: OpenedFile;
  readonly text: string;
  /** Whether there is a draft, and whether the file is another one than the draft was begun from. */
  readonly draft: 'kept' | 'older' | undefined;
}

function beginWith(opened: OpenedFile): Beginning {
  const draft: Draft | undefined = findDraft(sessionStorage, opened.draftName);
  const fallback = opened.beginning;
  if (!draft || draft.text === fallback) return { opened, text: fallback, draft: undefined };
  // With the draft's own revision a save finds out that the file has changed since.
  const isOlder = draft.revision !== opened.revision;
  return { opened: { ...opened, revision: draft.revision }, text: draft.text, draft: isOlder ? 'older' : 'kept' };
}

function useUnderlines(editor: RefObject<TextEditor | null>, check: FleetCheck, path: string): void {
  const { problems, checkedText, isNewest } = check;
  useEffect(() => {
    // While one types, the editor itself moves the old underlines along.
    if (checkedText === undefined || !isNewest) return;
    const placed = problems.map((problem) => placeProblem(checkedText, problem, isOf(problem, path)));
    editor.current?.showProblems(placed.filter((one) => one !== undefined));
  }, [editor, problems, checkedText, isNewest, path]);
}
