import { useState } from 'react';
import { FolderOpen, Plus, Search } from 'lucide-react';
import { useLocation } from 'wouter';
import type { KnownFleet } from '../../../shared/contract/fleets.ts';
import { pathTo } from '../../app/path-to.ts';
import { useActions } from '../../ui/actions/use-actions.ts';
import { Button } from '../../ui/button.tsx';
import { TextField } from '../../ui/fields/text-field.tsx';
import { LoadedView, Notice } from '../../ui/notice.tsx';
import { Page } from '../../ui/page.tsx';
import { FileChooser } from './chooser/file-chooser.tsx';
import { findFleets, isFirstRun } from './fleets-model.ts';
import styles from './fleets-view.module.css';
import { FleetTable } from './list/fleet-table.tsx';
import { Welcome } from './list/welcome.tsx';
import { type FleetsPage, useFleets } from './use-fleets.ts';
import { useOpening } from './use-opening.ts';

/** The page "Fleets": what can be launched, and a welcome while nothing ever was. */
export function FleetsView() {
  const page = useFleets();
  const open = useOpening();
  const [, navigate] = useLocation();
  const [isChoosing, setChoosing] = useState(false);
  const openFile = (): void => setChoosing(true);
  const writeNew = (): void => navigate(pathTo.newFleet);
  useActions([{ id: 'fleets.open', title: 'Open a fleet file…', group: 'Fleets', keys: 'o', run: openFile }]);
  const actions = (
    <>
      <Button onClick={openFile}>
        <FolderOpen aria-hidden="true" />
        Open file…
      </Button>
      <Button onClick={writeNew}>
        <Plus aria-hidden="true" />
        New fleet
      </Button>
    </>
  );
  return (
    <>
      <LoadedView of={page.fleets} what="fleets">
        {({ fleets, atMs }, isStale) =>
          isFirstRun(fleets) ? (
            <Welcome fleets={fleets} page={page} onOpen={openFile} onNew={writeNew} />
          ) : (
            <Page title="Fleets" subtitle="What can be launched on this machine" actions={actions}>
              <FleetList fleets={fleets} isStale={isStale} nowMs={atMs} page={page} />
            </Page>
          )
        }
      </LoadedView>
      <FileChooser isOpen={isChoosing} onOpenChange={setChoosing} purpose="open" onChoose={open} />
    </>
  );
}

interface FleetListProps {
  readonly fleets: readonly KnownFleet[];
  readonly isStale: boolean;
  readonly nowMs: number;
  readonly page: FleetsPage;
}

function FleetList({ fleets, isStale, nowMs, page }: FleetListProps) {
  const [wanted, setWanted] = useState('');
  const found = findFleets(fleets, wanted);
  return (
    <>
      <div className={styles['search']} role="search">
        <Search aria-hidden="true" />
        <TextField
          label="Search fleets"
          isLabelHidden
          type="search"
          value={wanted}
          onChange={setWanted}
          placeholder="Search by name, description or path"
        />
      </div>
      {found.length === 0 ? (
        <Notice
          role="status"
          title="No fleet fits"
          actions={<Button onClick={() => setWanted('')}>Show all {fleets.length}</Button>}
        >
          None of the {fleets.length} known fleets has “{wanted}” in its name, description or path.
        </Notice>
      ) : (
        <FleetTable fleets={found} isStale={isStale} nowMs={nowMs} page={page} />
      )}
    </>
  );
}
