import type { ReactNode } from 'react';
import { Link } from 'wouter';
import type { FleetPreview } from '../../../../shared/contract/fleets.ts';
import { pathTo } from '../../../app/path-to.ts';
import { Chip } from '../../../ui/chip.tsx';
import { toCount, toCounted } from '../../../ui/format.ts';
import { toBudgetWords, toCostWords, toSizeWords } from './preview-model.ts';
import { QuotedWords } from '../text/quoted-words.tsx';
import styles from './preview-panel.module.css';

/** What a launch would start. `isOld` while the text has changed since. */
export function PreviewPanel({ preview, isOld }: { readonly preview: FleetPreview; readonly isOld: boolean }) {
  const cost = toCostWords(preview);
  return (
    <div className={styles['preview']} data-old={isOld}>
      <div className={styles['figures']}>
        <Figure
          label="Agents"
          value={toCount(preview.agents)}
          note={toSizeWords(preview).split(', ')[1] ?? 'all at once'}
        />
        <Figure label="Estimated cost" value={cost.figure} note={cost.how} />
      </div>
      <Groups groups={preview.groups} />
      <dl className={styles['facts']}>
        <Fact name="Each agent">
          {toCounted(preview.turnsPerAgent, 'turn')}, {toCounted(preview.toolCallsPerAgent, 'tool call')},{' '}
          {preview.minutesPerAgent} min at most
        </Fact>
        <Fact name="Budget">{toBudgetWords(preview)}</Fact>
        <Fact name="Allowed">{preview.allow.length === 0 ? 'reading only' : preview.allow.join(', ')}</Fact>
        <Fact name="Workspace" isPath>
          {preview.workspace}
        </Fact>
        {preview.resultsPath === undefined ? null : (
          <Fact name="Results" isPath>
            {preview.resultsPath}
          </Fact>
        )}
      </dl>
      <Providers providers={preview.providers} />
      {preview.warnings.length === 0 ? null : (
        <ul className={styles['warnings']} aria-label="To know before launching">
          {preview.warnings.map((warning) => (
            <li key={warning}>
              <QuotedWords>{warning}</QuotedWords>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function Figure({ label, value, note }: { readonly label: string; readonly value: string; readonly note: string }) {
  return (
    <div className={styles['figure']}>
      <span className={styles['label']}>{label}</span>
      <strong>{value}</strong>
      <span className={styles['note']}>
        <QuotedWords>{note}</QuotedWords>
      </span>
    </div>
  );
}

/** Rows beyond this are told as a number. */
const MAX_GROUPS = 12;

function Groups({ groups }: Pick<FleetPreview, 'groups'>) {
  const rest = groups.slice(MAX_GROUPS);
  return (
    <table className={styles['groups']} aria-label="Agents by group">
      <tbody>
        {groups.slice(0, MAX_GROUPS).map(({ name, agents, uses, tools, kind }) => (
          <tr key={`${name} ${kind} ${uses}`}>
            <th scope="row">
              {name}
              <span>× {toCount(agents)}</span>
            </th>
            <td>
              <span className={styles['uses']}>{toBreakable(uses)}</span>
              {tools.length === 0 ? null : <span className={styles['tools']}>{tools.join(', ')}</span>}
            </td>
          </tr>
        ))}
        {rest.length === 0 ? null : (
          <tr>
            <th scope="row">{toCounted(rest.length, 'more group')}</th>
            <td>
              {toCounted(
                rest.reduce((sum, { agents }) => sum + agents, 0),
                'agent',
              )}
            </td>
          </tr>
        )}
      </tbody>
    </table>
  );
}

/** Breaks a name of a model between its parts rather than within one. */
function toBreakable(uses: string): ReactNode {
  return uses.split('/').flatMap((part, index) => (index === 0 ? [part] : ['/', <wbr key={index} />, part]));
}

function Fact({
  name,
  isPath,
  children,
}: {
  readonly name: string;
  readonly isPath?: boolean;
  readonly children: ReactNode;
}) {
  return (
    <div>
      <dt>{name}</dt>
      <dd className={isPath === true ? styles['path'] : undefined}>{children}</dd>
    </div>
  );
}

function Providers({ providers }: Pick<FleetPreview, 'providers'>) {
  if (providers.length === 0) return null;
  return (
    <ul className={styles['providers']} aria-label="Providers">
      {providers.map(({ name, ready, problem }) => (
        <li key={name}>
          <span>{name}</span>
          <Chip tone={ready ? 'ok' : 'bad'}>{ready ? 'ready' : 'not ready'}</Chip>
          {ready ? null : (
            <p>
              {problem ?? 'It cannot be asked now.'} <Link href={pathTo.settings}>Open Settings</Link>
            </p>
          )}
        </li>
      ))}
    </ul>
  );
}
