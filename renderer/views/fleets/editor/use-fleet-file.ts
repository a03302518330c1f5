import { useCallback, useEffect, useRef, useState } from 'react';
import type { FleetText } from '../../../../shared/contract/fleets.ts';
import { type AppError, isAppError } from '../../../../shared/errors/app-error.ts';
import { useConnection } from '../../../rpc/host-context.tsx';
import { useHostCommand } from '../../../rpc/queries.ts';
import { after } from '../../../rpc/timers.ts';
import { useToasts } from '../../../ui/toasts/use-toasts.ts';
import { splitPath } from '../chooser/file-chooser-model.ts';
import { removeDraft, saveDraft } from './draft-model.ts';
import { fromFileText, type LineEnd, toFileText } from './file-text.ts';
import { NEW_FLEET } from './template.ts';

/** What the editor was opened with. */
export interface OpenedFile {
  /** Where the file is; for a new fleet where it would be, so that relative paths mean something. */
  readonly path: string;
  /** As it is on disk, lines ending with `\n`; `undefined` for a new fleet. */
  readonly saved: string | undefined;
  /** What it is opened with and comes back to: what is saved, or of a new fleet what can be had again. */
  readonly beginning: string;
  /** The name under which a text that is not saved is kept. */
  readonly draftName: string;
  /** What it is called unless its user says otherwise. */
  readonly suggestedName: string;
  readonly revision: string | undefined;
  readonly isReadOnly: boolean;
  readonly lineEnd: LineEnd;
}

/** A file as the host reads it, for the editor. */
export function toOpenedFile({ path, text, revision, readOnly }: FleetText): OpenedFile {
  const { text: saved, lineEnd } = fromFileText(text);
  const names = { draftName: path, suggestedName: splitPath(path).name };
  return { path, saved, beginning: saved, ...names, revision, isReadOnly: readOnly, lineEnd };
}

/** A new fleet as the template has it; all of them share one draft. */
export function toNewFile(path: string): OpenedFile {
  const names = { draftName: 'new fleet', suggestedName: 'my-fleet.yaml' };
  return {
    path,
    saved: undefined,
    beginning: NEW_FLEET,
    ...names,
    revision: undefined,
    isReadOnly: false,
    lineEnd: '\n',
  };
}

/** A fleet that is on no disk and was launched: as history keeps it, for editor and launch like a new one. */
export function toFileOfRun(runId: string, path: string, launched: string): OpenedFile {
  const { text: beginning, lineEnd } = fromFileText(launched);
  const names = { draftName: `run ${runId}`, suggestedName: splitPath(path).name };
  return { path, saved: undefined, beginning, ...names, revision: undefined, isReadOnly: false, lineEnd };
}

/** A file that was in the way of a save. */
interface Conflict {
  readonly path: string;
  /** It is not as it was when it was opened, or it was there before a new one could be made. */
  readonly kind: 'changed' | 'exists';
  /** What is on disk now; `undefined` until it was read. */
  readonly onDisk: FleetText | undefined;
}

/** The file under edit and how it is saved. */
export interface FleetFileDesk {
  readonly file: OpenedFile;
  readonly isDirty: boolean;
  readonly isSaving: boolean;
  /** Saves under the same name, or says that a name is needed. */
  readonly save: () => Promise<'saved' | 'needs name' | 'failed'>;
  /** Saves as a new file; answers its path. */
  readonly saveAs: (path: string) => Promise<string | undefined>;
  readonly conflict: Conflict | undefined;
  /** Writes over what is on disk; answers its path. */
  readonly overwrite: () => Promise<string | undefined>;
  readonly keepEditing: () => void;
  /** Takes another state of the file on disk for the one under edit. */
  readonly takeRevision: (revision: string | undefined) => void;
  /** Forgets what was not saved. */
  readonly forgetDraft: () => void;
}

const DRAFT_MS = 300;

/** Saves a text, keeps it as a draft until then, and finds out when somebody else changed the file. */
export function useFleetFile(opened: OpenedFile, text: string): FleetFileDesk {
  const [file, setFile] = useState(opened);
  const { draftName } = file;
  const asked = useRef<Omit<Conflict, 'onDisk'>>({ path: opened.path, kind: 'changed' });
  const [conflict, setConflict] = useState<Conflict>();
  const connection = useConnection();
  const { show, report } = useToasts();
  const isDirty = file.saved === undefined ? text !== '' : text !== file.saved;
  useEffect(() => {
    if (!isDirty) return removeDraft(sessionStorage, draftName);
    const draft = { text, ...(file.revision === undefined ? {} : { revision: file.revision }), atMs: Date.now() };
    const timer = after(DRAFT_MS, () => void saveDraft(sessionStorage, draftName, draft));
    return () => timer[Symbol.dispose]();
  }, [draftName, text, isDirty, file.revision]);
  const lookAtDisk = async (inTheWay: Omit<Conflict, 'onDisk'>): Promise<void> => {
    setConflict({ ...inTheWay, onDisk: undefined });
    const host = await connection.host();
    const onDisk = await host.calls.fleets.read({ path: inTheWay.path }).catch(() => undefined);
    if (onDisk) setConflict({ ...inTheWay, onDisk });
  };
  const onError = (error: AppError): void => {
    if (isAppError(error, 'FILE_CHANGED')) void lookAtDisk(asked.current);
    else report(error, 'The fleet was not saved');
  };
  const write = useHostCommand(
    (host, request: { readonly path: string; readonly text: string; readonly revision?: string }, how) =>
      host.calls.fleets.write(request, how),
    { changes: ['fleets'], onError },
  );
  const put = async (path: string, revision: string | undefined): Promise<FleetText | undefined> => {
    asked.current = { path, kind: revision === undefined ? 'exists' : 'changed' };
    const written = await write.run({
      path,
      text: toFileText(text, file.lineEnd),
      ...(revision === undefined ? {} : { revision }),
    });
    if (!written) return undefined;
    setFile(toOpenedFile(written));
    setConflict(undefined);
    removeDraft(sessionStorage, draftName);
    show({ tone: 'ok', title: 'Saved', text: written.path });
    return written;
  };
  const forgetDraft = useCallback(() => removeDraft(sessionStorage, draftName), [draftName]);
  return {
    file,
    isDirty,
    isSaving: write.isRunning,
    conflict,
    async save() {
      if (file.saved === undefined || file.isReadOnly) return 'needs name';
      return (await put(file.path, file.revision)) ? 'saved' : 'failed';
    },
    saveAs: async (path) => (await put(path, undefined))?.path,
    overwrite: async () => conflict?.onDisk && (await put(conflict.path, conflict.onDisk.revision))?.path,
    keepEditing: () => setConflict(undefined),
    takeRevision: (revision) => setFile({ ...file, revision }),
    forgetDraft,
  };
}
