import { useCallback, useEffect, useRef, useState } from 'react';
import type { FleetText } from '../../../../shared/contract/fleets.ts';
import { type AppError, isAppError, toAppError } from '../../../../shared/errors/app-error.ts';
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

/** What became of a save; a file that is in the way has become the `conflict`. */
type SaveOutcome =
  | { readonly kind: 'saved'; readonly path: string }
  | { readonly kind: 'in the way' }
  | { readonly kind: 'failed'; readonly error: AppError };

/** The file under edit and how it is saved. */
export interface FleetFileDesk {
  readonly file: OpenedFile;
  readonly isDirty: boolean;
  readonly isSaving: boolean;
  /** Saves under the same name, or says that a name is needed. */
  readonly save: () => Promise<'saved' | 'needs name' | 'failed'>;
  /** Saves as a new file. */
  readonly saveAs: (path: string) => Promise<SaveOutcome>;
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
  const [conflict, setConflict] = useState<Conflict>();
  const connection = useConnection();
  const { show, report } = useToasts();
  const isDirty = file.saved === undefined ? text !== '' : text !== file.saved;
  const isChanged = text !== file.beginning;
  useEffect(() => {
    // Also of a new one that was taken back to what it began with: that comes again by itself.
    if (!isChanged) return removeDraft(sessionStorage, draftName);
    const draft = { text, ...(file.revision === undefined ? {} : { revision: file.revision }), atMs: Date.now() };
    const timer = after(DRAFT_MS, () => void saveDraft(sessionStorage, draftName, draft));
    return () => timer[Symbol.dispose]();
  }, [draftName, text, isChanged, file.revision]);
  const lookAtDisk = async (inTheWay: Omit<Conflict, 'onDisk'>): Promise<void> => {
    setConflict({ ...inTheWay, onDisk: undefined });
    const host = await connection.host();
    const onDisk = await host.calls.fleets.read({ path: inTheWay.path }).catch(() => undefined);
    if (onDisk) setConflict({ ...inTheWay, onDisk });
  };
  const refusal = useRef<AppError>(undefined);
  const onError = (error: AppError): void => {
    refusal.current = error;
  };
  const write = useHostCommand(
    (host, request: { readonly path: string; readonly text: string; readonly revision?: string }, how) =>
      host.calls.fleets.write(request, how),
    { changes: ['fleets', 'folder'], onError },
  );
  const put = async (path: string, revision: string | undefined): Promise<SaveOutcome> => {
    const written = await write.run({
      path,
      text: toFileText(text, file.lineEnd),
      ...(revision === undefined ? {} : { revision }),
    });
    if (!written) {
      const error = toAppError(refusal.current);
      if (!isAppError(error, 'FILE_CHANGED')) return { kind: 'failed', error };
      void lookAtDisk({ path, kind: revision === undefined ? 'exists' : 'changed' });
      return { kind: 'in the way' };
    }
    setFile(toOpenedFile(written));
    setConflict(undefined);
    removeDraft(sessionStorage, draftName);
    show({ tone: 'ok', title: 'Saved', text: written.path });
    return { kind: 'saved', path: written.path };
  };
  /** For a save that has no place of its own to say why it failed. */
  const putOrReport = async (path: string, revision: string | undefined): Promise<SaveOutcome> => {
    const outcome = await put(path, revision);
    if (outcome.kind === 'failed') report(outcome.error, 'The fleet was not saved');
    return outcome;
  };
  const forgetDraft = useCallback(() => removeDraft(sessionStorage, draftName), [draftName]);
  return {
    file,
    isDirty,
    isSaving: write.isRunning,
    conflict,
    async save() {
      if (file.saved === undefined || file.isReadOnly) return 'needs name';
      return (await putOrReport(file.path, file.revision)).kind === 'saved' ? 'saved' : 'failed';
    },
    saveAs: (path) => put(path, undefined),
    async overwrite() {
      if (!conflict?.onDisk) return undefined;
      const outcome = await putOrReport(conflict.path, conflict.onDisk.revision);
      return outcome.kind === 'saved' ? outcome.path : undefined;
    },
    keepEditing: () => setConflict(undefined),
    takeRevision: (revision) => setFile({ ...file, revision }),
    forgetDraft,
  };
}
