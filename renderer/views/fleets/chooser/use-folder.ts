import { useState } from 'react';
import { valueOf, type Loaded } from '../../../rpc/loaded.ts';
import { useHostQuery } from '../../../rpc/queries.ts';

/** One folder as the host lists it. */
interface FolderListing {
  readonly folder: string;
  readonly parent?: string | undefined;
  readonly folders: readonly string[];
  readonly files: readonly string[];
  readonly isCut: boolean;
}

/** The folder a chooser shows. */
export interface Folder {
  /** What was asked for; empty until the host has said where to begin. */
  readonly path: string;
  readonly listing: Loaded<FolderListing>;
  readonly go: (path: string) => void;
}

const REMEMBERED = 'flotilla.folder';

/** The folder on show while `isOpen`; begins where a file was chosen last, else where the host says. */
export function useFolder(isOpen: boolean, firstFolder?: string): Folder {
  const [chosen, setChosen] = useState<string>();
  const about = useHostQuery({ key: ['app', 'about'], ask: (host, signal) => host.calls.app.about({}, { signal }) });
  const path = chosen ?? firstFolder ?? sessionStorage.getItem(REMEMBERED) ?? valueOf(about)?.startFolder ?? '';
  const listing = useHostQuery<FolderListing>({
    key: ['folder', path],
    ask: (host, signal) => host.calls.fleets.browse({ folder: path }, { signal }),
    enabled: isOpen && path !== '',
    keepsLast: true,
  });
  return { path, listing, go: setChosen };
}

/** The next chooser begins in this folder, until the page is closed. */
export function rememberFolder(folder: string): void {
  sessionStorage.setItem(REMEMBERED, folder);
}
