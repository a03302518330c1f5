import { useState } from 'react';
import { Button } from '../../../ui/button.tsx';
import { TextField } from '../../../ui/fields/text-field.tsx';
import { LoadedView, Notice } from '../../../ui/notice.tsx';
import { Panel } from '../../../ui/panel.tsx';
import { ChangesPanel } from './changes-panel.tsx';
import { LimitRow } from './limit-row.tsx';
import { groupSettings } from './limits-model.ts';
import styles from './limits-section.module.css';
import { type Limits, useLimits } from './use-limits.ts';

/** Every limit by group, to be read, searched and changed; beside them what was changed and how to take it back. */
export function LimitsSection() {
  const limits = useLimits();
  const [search, setSearch] = useState('');
  return (
    <div className={styles['section']}>
      <div className={styles['list']}>
        <TextField
          label="Search limits"
          isLabelHidden
          type="search"
          placeholder="Search limits by name or by what they do"
          value={search}
          onChange={setSearch}
        />
        <LoadedView of={limits.settings} what="limits">
          {() => <Groups limits={limits} search={search} onClear={() => setSearch('')} />}
        </LoadedView>
      </div>
      <ChangesPanel limits={limits} />
    </div>
  );
}

interface GroupsProps {
  readonly limits: Limits;
  readonly search: string;
  readonly onClear: () => void;
}

function Groups({ limits, search, onClear }: GroupsProps) {
  const { settings } = limits;
  if (settings.kind !== 'ready' && settings.kind !== 'stale') return null;
  const groups = groupSettings(settings.value, search);
  if (groups.length === 0) {
    return (
      <Notice title={`No limit holds “${search}”`} actions={<Button onClick={onClear}>Show all limits</Button>}>
        Limits are found by their name, by what they do, and by where their value comes from.
      </Notice>
    );
  }
  return groups.map(({ name, title, settings: members }) => (
    <Panel key={name} title={title} aside={<span className="mono">{name}</span>}>
      {members.map((setting) => (
        <LimitRow
          key={setting.key}
          setting={setting}
          isDisabled={settings.kind === 'stale'}
          onSet={(value) => void limits.set(setting, value)}
        />
      ))}
    </Panel>
  ));
}
