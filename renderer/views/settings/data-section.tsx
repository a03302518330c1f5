import { useAbout } from '../../app/use-about.ts';
import { CopyButton } from '../../ui/copy-button.tsx';
import { toBytes, toPercent } from '../../ui/format.ts';
import { LoadedView } from '../../ui/notice.tsx';
import { Panel } from '../../ui/panel.tsx';
import { Table } from '../../ui/table.tsx';
import styles from './settings-view.module.css';
import { type HistorySize, useHistorySize } from './use-data.ts';

/** Where the program keeps what it records, and how much of it there is. */
export function DataSection() {
  const about = useAbout();
  const size = useHistorySize();
  return (
    <div className={styles['stack']}>
      <Panel title="Places">
        <LoadedView of={about} what="the program's places">
          {({ dataDir, historyPath, logPath }) => (
            <dl className={styles['places']}>
              <Place name="Data directory" path={dataDir} />
              <Place name="History" path={historyPath} />
              <Place name="Log" path={logPath} />
            </dl>
          )}
        </LoadedView>
      </Panel>
      <LoadedView of={size} what="the size of history">
        {(value) => <SizePanel size={value} />}
      </LoadedView>
    </div>
  );
}

function Place({ name, path }: { readonly name: string; readonly path: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>
        <span className="mono">{path}</span>
        <CopyButton text={path} what={`the path: ${name}`} />
      </dd>
    </div>
  );
}

function SizePanel({ size }: { readonly size: HistorySize }) {
  return (
    <Panel isFlush label="Size of history">
      <div className={styles['panelHead']}>
        <h2>Size of history</h2>
        <span>{toBytes(size.bytes)} on disk</span>
      </div>
      {size.tables.length === 0 ? (
        <p className={styles['empty']}>Nothing is recorded yet. The first run makes the first rows.</p>
      ) : (
        <Table label="Size of history by table">
          <thead>
            <tr>
              <th>Table</th>
              <th data-align="right">Size</th>
              <th data-align="right">Share</th>
              <th aria-hidden="true" className={styles['barCell']} />
            </tr>
          </thead>
          <tbody>
            {size.tables
              .toSorted((a, b) => b.bytes - a.bytes)
              .map(({ table, bytes }) => (
                <tr key={table}>
                  <td className={OTHERS[table] === undefined ? 'mono' : undefined}>{OTHERS[table] ?? table}</td>
                  <td data-align="right">{toBytes(bytes)}</td>
                  <td data-align="right">{toPercent(size.bytes === 0 ? 0 : bytes / size.bytes)}</td>
                  <td aria-hidden="true">
                    <div className={styles['bar']}>
                      <i style={{ width: `${(100 * bytes) / Math.max(1, size.bytes)}%` }} />
                    </div>
                  </td>
                </tr>
              ))}
          </tbody>
        </Table>
      )}
    </Panel>
  );
}

/** What the two rows are that hold no table. */
const OTHERS: Readonly<Record<string, string>> = {
  free: 'free, filled by the next rows',
  wal: 'write-ahead log, merged as it grows',
};
