import { useState } from 'react';
import { isAppError } from '../../../../shared/errors/app-error.ts';
import { type Loaded, valueOf } from '../../../rpc/loaded.ts';
import { useHostQuery } from '../../../rpc/queries.ts';
import type { AppError } from '../../../../shared/errors/app-error.ts';
import { joinPath } from '../chooser/file-chooser-model.ts';
import { type OpenedFile, toFileOfRun, toNewFile, toOpenedFile } from './use-fleet-file.ts';

/** The file an address names, or a new one. */
export function useOpenedFile(path: string | undefined): Loaded<OpenedFile> {
  const [opening] = useState(() => crypto.randomUUID());
  const about = useHostQuery({
    key: ['app', 'about'],
    ask: (host, signal) => host.calls.app.about({}, { signal }),
    enabled: path === undefined,
  });
  const read = useHostQuery({
    // Read anew each time the editor is opened: what was kept of an earlier time may not be what is on disk.
    key: ['fleet-file', path, opening],
    ask: async (host, signal) => toOpenedFile(await host.calls.fleets.read({ path: path ?? '' }, { signal })),
    enabled: path !== undefined,
  });
  if (path !== undefined) return read;
  const folder = valueOf(about)?.startFolder;
  if (folder === undefined) return about as Loaded<never>;
  return { kind: 'ready', value: toNewFile(joinPath(folder, 'new-fleet.yaml')) };
}

/** Where the fleet of a run is. */
export type FleetOfRun =
  | { readonly kind: 'file'; readonly path: string }
  /** There is no file; the text is that of the run. */
  | { readonly kind: 'text'; readonly opened: OpenedFile };

/** The fleet of a run: its file, or the text that history kept. */
export function useFleetOfRun(runId: string): Loaded<FleetOfRun> {
  const [opening] = useState(() => crypto.randomUUID());
  return useHostQuery<FleetOfRun>({
    key: ['fleet-of-run', runId, opening],
    ask: async (host, signal) => {
      const { path, text, exists } = await host.calls.fleets.ofRun({ runId }, { signal });
      return exists ? { kind: 'file', path } : { kind: 'text', opened: toFileOfRun(runId, path, text) };
    },
  });
}

/** Whether a file is not there any more, which has ways out of its own. */
export function isGone(error: AppError): boolean {
  return isAppError(error, 'FLEET_NOT_FOUND') || isAppError(error, 'FILE_NOT_FOUND');
}
