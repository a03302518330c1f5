import { useState } from 'react';
import { useLocation } from 'wouter';
import { pathTo } from '../../app/path-to.ts';
import { useKnownFleets } from '../../app/use-known-fleets.ts';
import { valueOf } from '../../rpc/loaded.ts';
import { Button } from '../../ui/button.tsx';
import { CommandButton } from '../../ui/command-button.tsx';
import { Select } from '../../ui/fields/select.tsx';
import { SegmentedControl } from '../../ui/fields/segmented-control.tsx';
import { toClockTime } from '../../ui/format.ts';
import { LoadedView, Notice } from '../../ui/notice.tsx';
import { Page } from '../../ui/page.tsx';
import { findExample } from '../fleets/fleets-model.ts';
import { useFleets } from '../fleets/use-fleets.ts';
import { RunsList } from './list/runs-list.tsx';
import styles from './list/runs-list.module.css';
import { RUN_FILTERS, type RunFilter } from './list/runs-model.ts';
import { useRuns } from './list/use-runs.ts';

const ALL_FLEETS = '';
const FILTERS = RUN_FILTERS.map((value) => ({ value, label: value.charAt(0).toUpperCase() + value.slice(1) }));

/** The page "Runs": the live ones with their progress, then everything recorded. */
export function RunsView() {
  const [filter, setFilter] = useState<RunFilter>('all');
  const [fleet, setFleet] = useState(ALL_FLEETS);
  const { rows, ...older } = useRuns(filter, fleet === ALL_FLEETS ? undefined : fleet);
  const names = [...new Set((valueOf(useKnownFleets()) ?? []).map(({ name }) => name))].toSorted();
  const fleets = [{ value: ALL_FLEETS, label: 'All fleets' }, ...names.map((name) => ({ value: name, label: name }))];
  const isFiltered = filter !== 'all' || fleet !== ALL_FLEETS;
  const clear = (): void => {
    setFilter('all');
    setFleet(ALL_FLEETS);
  };
  const subtitle =
    rows.kind === 'stale' ? `As of ${toClockTime(rows.sinceMs)}` : 'Live ones first, then everything recorded';
  return (
    <Page title="Runs" subtitle={subtitle} isFixed>
      <div className={styles['controls']}>
        <SegmentedControl label="Runs by state" size="small" value={filter} options={FILTERS} onChange={setFilter} />
        <Select label="Fleet" isLabelHidden size="small" value={fleet} options={fleets} onChange={setFleet} />
      </div>
      <LoadedView of={rows} what="the runs">
        {(value, isStale) =>
          value.length > 0 ? (
            <RunsList rows={value} isStale={isStale} {...older} />
          ) : (
            <NoRuns isFiltered={isFiltered} onClear={clear} />
          )
        }
      </LoadedView>
    </Page>
  );
}

function NoRuns({ isFiltered, onClear }: { readonly isFiltered: boolean; readonly onClear: () => void }) {
  if (isFiltered) return <Notice title="No run fits" actions={<Button onClick={onClear}>Show all runs</Button>} />;
  return <FirstRun />;
}

/** Nothing was ever run here: the example in one click, as the welcome has it. */
function FirstRun() {
  const [, navigate] = useLocation();
  const { fleets, launch, launching } = useFleets();
  const example = findExample(valueOf(fleets)?.fleets ?? []);
  const choose = <Button onClick={() => navigate(pathTo.fleets)}>Choose a fleet</Button>;
  if (!example) {
    return (
      <Notice title="Nothing has run yet" actions={choose}>
        Runs appear here as soon as a fleet is launched.
      </Notice>
    );
  }
  const start = (
    <CommandButton tone="primary" isBusy={launching === example.path} onClick={() => void launch(example)}>
      Run the example
    </CommandButton>
  );
  return (
    <Notice
      title="Nothing has run yet"
      actions={
        <>
          {start}
          {choose}
        </>
      }
    >
      The example fleet {example.name} needs no key and no network, and shows everything in a minute.
    </Notice>
  );
}
