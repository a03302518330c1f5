import { MoreHorizontal, Play } from 'lucide-react';
import { Link, useLocation } from 'wouter';
import type { KnownFleet } from '../../../../shared/contract/fleets.ts';
import { pathTo } from '../../../app/path-to.ts';
import { Button } from '../../../ui/button.tsx';
import { CommandButton } from '../../../ui/command-button.tsx';
import { Chip, StateChip } from '../../../ui/chip.tsx';
import { toDateTime, toUsd } from '../../../ui/format.ts';
import { Menu, type MenuItem } from '../../../ui/overlays/menu.tsx';
import { Panel } from '../../../ui/panel.tsx';
import { Table } from '../../../ui/table.tsx';
import { toAgentWords, toAgo } from '../fleets-model.ts';
import type { FleetsPage } from '../use-fleets.ts';
import styles from './fleet-table.module.css';

interface FleetTableProps {
  readonly fleets: readonly KnownFleet[];
  readonly isStale: boolean;
  /** When the fleets were last heard of. */
  readonly nowMs: number;
  readonly page: FleetsPage;
}

/** Known fleets, each with what it did last and what can be done with it. */
export function FleetTable({ fleets, isStale, nowMs, page }: FleetTableProps) {
  return (
    <Panel isFlush label="Known fleets" className={styles['panel'] ?? ''}>
      <Table label="Known fleets" data-stale={isStale}>
        <thead>
          <tr>
            <th scope="col">Fleet</th>
            <th scope="col">Last run</th>
            <th scope="col">Agents</th>
            <th scope="col" data-align="right">
              Cost
            </th>
            <th scope="col">
              <span className="visually-hidden">What can be done</span>
            </th>
          </tr>
        </thead>
        <tbody>
          {fleets.map((fleet) => (
            <FleetRow key={fleet.path} fleet={fleet} page={page} nowMs={nowMs} />
          ))}
        </tbody>
      </Table>
    </Panel>
  );
}

interface FleetRowProps {
  readonly fleet: KnownFleet;
  readonly page: FleetsPage;
  readonly nowMs: number;
}

function FleetRow({ fleet, page, nowMs }: FleetRowProps) {
  const { name, description, path, origin, exists, lastRun } = fleet;
  const place = placeOf(fleet);
  return (
    <tr>
      <td className={styles['fleet']}>
        <div className={styles['title']}>
          {place === undefined ? <span>{name}</span> : <Link href={place}>{name}</Link>}
          {origin === 'example' ? <Chip>example</Chip> : null}
          {exists ? null : <NoFileChip hasText={lastRun !== undefined} />}
        </div>
        {description === '' ? null : <div className={styles['description']}>{description}</div>}
        <div className={styles['path']} title={path}>
          <bdi>{path}</bdi>
        </div>
      </td>
      <td className={styles['last']}>
        {lastRun ? (
          <Link href={pathTo.run(lastRun.runId)} className={styles['run'] ?? ''}>
            <StateChip state={lastRun.state} />
            <span title={toDateTime(lastRun.startedAtMs)}>{toAgo(lastRun.startedAtMs, nowMs)}</span>
          </Link>
        ) : (
          <span className={styles['never']}>never run</span>
        )}
      </td>
      <td>{lastRun ? toAgentWords(lastRun) : '–'}</td>
      <td data-align="right">{lastRun ? toUsd(lastRun.costUsd) : '–'}</td>
      <td className={styles['actions']}>
        <div>
          <CommandButton
            size="small"
            disabled={!exists || page.launching !== undefined}
            isBusy={page.launching === path}
            aria-label={`Launch ${name}`}
            onClick={() => void page.launch(fleet)}
          >
            <Play aria-hidden="true" />
            Launch
          </CommandButton>
          <FleetMenu fleet={fleet} page={page} />
        </div>
      </td>
    </tr>
  );
}

/** Where it is edited: its file, or the text its last run was launched with. */
function placeOf({ path, exists, lastRun }: KnownFleet): string | undefined {
  if (exists) return pathTo.fleet(path);
  return lastRun && pathTo.fleetOfRun(lastRun.runId);
}

function NoFileChip({ hasText }: { readonly hasText: boolean }) {
  const says = 'It was never saved, or was moved, renamed or deleted.';
  const way = hasText ? ' Open it to have the text of its last run.' : '';
  return (
    <Chip tone="warn" title={`${says}${way}`}>
      no file
    </Chip>
  );
}

function FleetMenu({ fleet, page }: { readonly fleet: KnownFleet; readonly page: FleetsPage }) {
  const [, navigate] = useLocation();
  const { lastRun, origin, name } = fleet;
  const place = placeOf(fleet);
  const items: MenuItem[] = [
    { label: 'Edit', isDisabled: place === undefined, run: () => navigate(place ?? pathTo.fleets) },
    ...(lastRun ? [{ label: 'Show the last run', run: () => navigate(pathTo.run(lastRun.runId)) }] : []),
    ...(origin === 'added' && !lastRun
      ? [{ label: 'Take off the list', tone: 'danger' as const, isCommand: true, run: () => void page.forget(fleet) }]
      : []),
  ];
  const trigger = (
    <Button size="small" tone="quiet" aria-label={`More for ${name}`}>
      <MoreHorizontal aria-hidden="true" />
    </Button>
  );
  return <Menu trigger={trigger} items={items} />;
}
