import { useState } from 'react';
import type { SettingPreset } from '../../../../shared/contract/settings.ts';
import { valueOf } from '../../../rpc/loaded.ts';
import { Button } from '../../../ui/button.tsx';
import { CommandButton } from '../../../ui/command-button.tsx';
import { toCounted } from '../../../ui/format.ts';
import { LoadedView } from '../../../ui/notice.tsx';
import { useConfirm } from '../../../ui/overlays/use-confirm.ts';
import { Panel } from '../../../ui/panel.tsx';
import type { Units } from './changes-model.ts';
import { PresetPreview } from './preset-preview.tsx';
import { SavePreset } from './save-preset.tsx';
import styles from './side.module.css';
import type { Limits } from './use-limits.ts';
import { usePresets } from './use-presets.ts';

/** Limits under one name, built in or saved here: what each would change is seen before it is taken over. */
export function PresetsPanel({ limits }: { readonly limits: Limits }) {
  const { presets, isBusy, apply, save, remove } = usePresets(limits.tell);
  const [looked, setLooked] = useState<string>();
  const [isSaving, setSaving] = useState(false);
  const confirm = useConfirm();
  const all = valueOf(presets) ?? [];
  const units: Units = new Map((valueOf(limits.known)?.settings ?? []).map(({ key, unit }) => [key, unit]));
  const askRemove = async (name: string): Promise<void> => {
    const isSure = await confirm({
      title: `Remove the preset ${name}?`,
      consequence: 'No limit changes; the preset itself cannot be had back.',
      confirmLabel: 'Remove preset',
    });
    if (isSure) await remove(name);
  };
  return (
    <Panel
      title="Presets"
      aside={
        <Button size="small" onClick={() => setSaving(true)}>
          Save as preset…
        </Button>
      }
    >
      <LoadedView of={presets} what="presets">
        {(value) => (
          <ul className={styles['list']}>
            {value.map((preset) => (
              <Preset
                key={preset.name}
                preset={preset}
                onLook={() => setLooked(preset.name)}
                onRemove={() => void askRemove(preset.name)}
              />
            ))}
          </ul>
        )}
      </LoadedView>
      <PresetPreview
        preset={all.find(({ name }) => name === looked)}
        {...{ units, isBusy }}
        onClose={() => setLooked(undefined)}
        onApply={apply}
      />
      <SavePreset isOpen={isSaving} presets={all} isBusy={isBusy} onOpenChange={setSaving} onSave={save} />
    </Panel>
  );
}

interface PresetProps {
  readonly preset: SettingPreset;
  readonly onLook: () => void;
  readonly onRemove: () => void;
}

function Preset({ preset: { name, summary, isOwn, changes }, onLook, onRemove }: PresetProps) {
  return (
    <li>
      <div className={styles['preset']}>
        <b>{name}</b>
        <Button size="small" aria-label={`Preview the preset ${name}`} onClick={onLook}>
          Preview…
        </Button>
      </div>
      <div>{summary}</div>
      <div className={styles['foot']}>
        <span>{changes.length === 0 ? 'is in force' : `would change ${toCounted(changes.length, 'limit')}`}</span>
        {isOwn ? (
          <CommandButton size="small" tone="quiet" aria-label={`Remove the preset ${name}`} onClick={onRemove}>
            Remove…
          </CommandButton>
        ) : null}
      </div>
    </li>
  );
}
