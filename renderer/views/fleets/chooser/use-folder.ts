import { useState } from 'react';
import { useConnection } from '../../../rpc/host-context.tsx';
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
  /** Goes there if that is a folder that can be looked into; answers whether it is. */
  readonly enter: (path: string) => Promise<boolean>;
}

const REMEMBERED = 'flotilla.folder';

/** The folder on show while `isOpen`; begins where a file was chosen last, else where the host says. */
export function useFolder(isOpen: boolean, firstFolder?: string): Folder {
  const [chosen, setChosen] = useState<string>();
  const connection = useConnection();
  const about = useHostQuery({ key: ['app', 'about'], ask: (host, signal) => host.calls.app.about({}, { signal }) });
  const path = chosen ?? firstFolder ?? sessionStorage.getItem(REMEMBERED) ?? valueOf(about)?.startFolder ?? '';
  const listing = useHostQuery<FolderListing>({
    key: ['folder', path],
    ask: (host, signal) => host.calls.fleets.browse({ folder: path }, { signal }),
    enabled: isOpen && path !== '',
    keepsLast: true,
  });
  return {
    path,
    listing,
    go: setChosen,
    async enter(to) {
      try {
        const host = await connection.host();
        const { folder } = await host.calls.fleets.browse({ folder: to });
        setChosen(folder);
        return true;
      } catch {
        // Whoever asked takes it for a file then, and hears of that what is wrong.
        return false;
      }
    },
  };
}

/** The next chooser begins in this folder, until the page is closed. */
export function rememberFolder(folder: string): void {
  sessionStorage.setItem(REMEMBERED, folder);
}
