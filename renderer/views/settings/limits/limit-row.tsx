import { useRef, useState } from 'react';
import type { SettingState } from '../../../../shared/contract/settings.ts';
import { Chip } from '../../../ui/chip.tsx';
import { AWAY, CommandButton } from '../../../ui/command-button.tsx';
import { Select } from '../../../ui/fields/select.tsx';
import { Switch } from '../../../ui/fields/switch.tsx';
import { TextField } from '../../../ui/fields/text-field.tsx';
import {
  readDraft,
  toAppliesText,
  toBoundsText,
  toPendingText,
  toReadable,
  toShortKey,
  toValueText,
  type Value,
} from './limits-model.ts';
import styles from './limits-section.module.css';

interface LimitRowProps {
  readonly setting: SettingState;
  /** Nothing can be changed now; what is typed stays. */
  readonly isAway: boolean;
  readonly onSet: (value: Value) => void;
}

/** One limit: what it does, its value to be changed, where the value comes from and how a change acts. */
export function LimitRow({ setting, isAway, onSet }: LimitRowProps) {
  const control = useRef<HTMLDivElement>(null);
  const reset = (): void => {
    // The button goes away with its purpose; the keyboard goes on from the field.
    control.current?.querySelector<HTMLElement>('input, button')?.focus();
    onSet(setting.default);
  };
  const pending = toPendingText(setting);
  const isDefault = setting.wanted === setting.default;
  return (
    <div className={styles['row']}>
      <div className={styles['about']}>
        <div className={styles['name']}>
          <span className="mono">{toShortKey(setting.key)}</span>
          <Chip tone={setting.source === 'default' ? 'idle' : 'accent'} title="Where the value comes from">
            {setting.source}
          </Chip>
          {pending === undefined ? null : <Chip tone="warn">{pending}</Chip>}
        </div>
        <div className={styles['summary']}>{setting.summary}</div>
        <div className={styles['facts']}>
          {[
            toBoundsText(setting),
            isDefault ? 'this is the default' : `default ${toReadable(setting.default, setting.unit)}`,
            toAppliesText(setting),
          ]
            .filter(Boolean)
            .join(' · ')}
        </div>
      </div>
      <div ref={control} className={styles['control']} title={isAway ? AWAY : undefined}>
        <Control setting={setting} isAway={isAway} onSet={onSet} />
        {isDefault ? null : (
          <CommandButton size="small" tone="quiet" aria-label={`Set ${setting.key} to its default`} onClick={reset}>
            Default
          </CommandButton>
        )}
      </div>
    </div>
  );
}

function Control({ setting, isAway, onSet }: LimitRowProps) {
  if (typeof setting.wanted === 'boolean') {
    return <Switch label={setting.key} isLabelHidden isOn={setting.wanted} isDisabled={isAway} onChange={onSet} />;
  }
  if (setting.values !== undefined) {
    return (
      <Select
        label={setting.key}
        isLabelHidden
        size="small"
        value={String(setting.wanted)}
        options={setting.values.map((value) => ({ value, label: value }))}
        isDisabled={isAway}
        onChange={onSet}
      />
    );
  }
  return <TypedControl setting={setting} isAway={isAway} onSet={onSet} />;
}

function TypedControl({ setting, isAway, onSet }: LimitRowProps) {
  const [typed, setTyped] = useState(() => toValueText(setting.wanted, setting.unit));
  const [known, setKnown] = useState(setting.wanted);
  const field = useRef<HTMLInputElement>(null);
  if (known !== setting.wanted) {
    // Changed by this field, another window or the command line: what is in force is shown.
    setKnown(setting.wanted);
    setTyped(toValueText(setting.wanted, setting.unit));
  }
  const draft = readDraft(setting, typed);
  const apply = (): void => {
    field.current?.focus();
    if (draft.kind === 'new' && !isAway) onSet(draft.value);
  };
  return (
    <div className={styles['typed']}>
      <TextField
        label={setting.key}
        isLabelHidden
        size="small"
        isMono
        inputRef={field}
        value={typed}
        error={draft.kind === 'wrong' ? draft.problem : undefined}
        onChange={setTyped}
        onKeyDown={(event) => {
          if (event.key === 'Enter') apply();
          if (event.key === 'Escape') setTyped(toValueText(setting.wanted, setting.unit));
        }}
      />
      {draft.kind === 'new' ? (
        <CommandButton size="small" tone="primary" aria-label={`Apply ${setting.key}`} onClick={apply}>
          Apply
        </CommandButton>
      ) : null}
    </div>
  );
}
