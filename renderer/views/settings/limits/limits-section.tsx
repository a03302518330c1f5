import { useState } from 'react';
import { Button } from '../../../ui/button.tsx';
import { TextField } from '../../../ui/fields/text-field.tsx';
import { LoadedView, Notice } from '../../../ui/notice.tsx';
import { Panel } from '../../../ui/panel.tsx';
import { useIsAway } from '../../../ui/use-away.ts';
import { ChangesPanel } from './changes-panel.tsx';
import { GroupList } from './group-list.tsx';
import { LimitRow } from './limit-row.tsx';
import { ALL, CHANGED, findSettings, groupSettings, isChanged, type Shown } from './limits-model.ts';
import styles from './limits-section.module.css';
import { PresetsPanel } from './presets-panel.tsx';
import { type KnownLimits, type Limits, useLimits } from './use-limits.ts';

/** Every limit by group, to be read, searched and changed; beside them presets, what was changed and how to take it back. */
export function LimitsSection() {
  const limits = useLimits();
  return (
    <LoadedView of={limits.known} what="limits">
      {({ settings, fileProblem }) => (
        <div className={styles['section']}>
          <div className={styles['list']}>
            {fileProblem === undefined ? null : <FileProblem problem={fileProblem} />}
            <LimitList limits={limits} settings={settings} />
          </div>
          <div className={styles['side']}>
            <PresetsPanel limits={limits} />
            <ChangesPanel limits={limits} />
          </div>
        </div>
      )}
    </LoadedView>
  );
}

/** The newest edit of the settings file is wrong: nothing else may be written over it until that is settled. */
function FileProblem({ problem }: { readonly problem: string }) {
  return (
    <div className={styles['problem']} role="alert">
      <b>The settings file was not taken over.</b> {problem}
      <div>
        The limits below go on as they were. Correct the file and it is read again by itself; until then nothing is
        changed here, so that your edit is not lost.
      </div>
    </div>
  );
}

type LimitListProps = Pick<KnownLimits, 'settings'> & { readonly limits: Limits };

function LimitList({ limits, settings }: LimitListProps) {
  const isAway = useIsAway();
  const [search, setSearch] = useState('');
  const [chosen, setShown] = useState<Shown>(ALL);
  const found = findSettings(settings, search);
  const changed = found.filter(isChanged);
  const groups = groupSettings(found);
  // A group in which nothing is found is not among those that can be chosen.
  const shown = chosen === CHANGED || groups.some(({ name }) => name === chosen) ? chosen : ALL;
  const listed =
    shown === CHANGED ? groupSettings(changed) : groups.filter(({ name }) => shown === ALL || name === shown);
  const clear = (): void => {
    setSearch('');
    setShown(ALL);
  };
  return (
    <div className={styles['limits']}>
      <div className={styles['finder']}>
        <TextField
          label="Search limits"
          isLabelHidden
          type="search"
          placeholder="Search limits"
          value={search}
          onChange={setSearch}
        />
        <GroupList groups={groups} changed={changed.length} shown={shown} onShow={setShown} />
      </div>
      <div className={styles['panels']}>
        {listed.length === 0 ? <NoneFound search={search} onClear={clear} /> : null}
        {listed.map(({ name, title, settings: members }) => (
          <Panel key={name} title={title} aside={<span className="mono">{name}</span>}>
            {members.map((setting) => (
              <LimitRow
                key={setting.key}
                setting={setting}
                isAway={isAway}
                onSet={(value) => void limits.set(setting, value)}
              />
            ))}
          </Panel>
        ))}
      </div>
    </div>
  );
}

function NoneFound({ search, onClear }: { readonly search: string; readonly onClear: () => void }) {
  const actions = <Button onClick={onClear}>Show all limits</Button>;
  if (search.trim() === '') return <Notice title="Every limit has its default" actions={actions} />;
  return (
    <Notice title={`No limit holds “${search}”`} actions={actions}>
      Limits are found by their name, by what they do, and by where their value comes from.
    </Notice>
  );
}
