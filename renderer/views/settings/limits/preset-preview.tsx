import { useState } from 'react';
import type { SettingPreset } from '../../../../shared/contract/settings.ts';
import { Button } from '../../../ui/button.tsx';
import { CommandButton } from '../../../ui/command-button.tsx';
import { toCounted } from '../../../ui/format.ts';
import { Dialog } from '../../../ui/overlays/dialog.tsx';
import { Table } from '../../../ui/table.tsx';
import type { Units } from './changes-model.ts';
import { toReadable } from './limits-model.ts';

interface PresetPreviewProps {
  /** The one that is looked at; kept up to date while limits change elsewhere. */
  readonly preset: SettingPreset | undefined;
  readonly units: Units;
  readonly isBusy: boolean;
  readonly onClose: () => void;
  /** Whether it is in force now; the dialog stays open when not. */
  readonly onApply: (name: string) => Promise<boolean>;
}

/** What a preset would change, and nothing else, before it is taken over. */
export function PresetPreview({ preset, units, isBusy, onClose, onApply }: PresetPreviewProps) {
  // The words stay while the dialog fades.
  const [last, setLast] = useState(preset);
  if (preset !== undefined && preset !== last) setLast(preset);
  const shown = preset ?? last;
  if (!shown) return null;
  const { name, summary, changes } = shown;
  const isInForce = changes.length === 0;
  const apply = async (): Promise<void> => {
    if (await onApply(name)) onClose();
  };
  return (
    <Dialog
      isOpen={preset !== undefined}
      onOpenChange={(isOpen) => {
        if (!isOpen) onClose();
      }}
      title={`Preset ${name}`}
      description={`${summary} ${isInForce ? 'All of it is in force already.' : `It changes ${toCounted(changes.length, 'limit')} together, which one undo takes back. Nothing in flight is lost.`}`}
      footer={
        <>
          <Button onClick={onClose}>{isInForce ? 'Close' : 'Cancel'}</Button>
          {isInForce ? null : (
            <CommandButton tone="primary" isBusy={isBusy} onClick={() => void apply()}>
              Apply preset
            </CommandButton>
          )}
        </>
      }
    >
      {isInForce ? undefined : <ChangesTable changes={changes} units={units} />}
    </Dialog>
  );
}

function ChangesTable({ changes, units }: Pick<SettingPreset, 'changes'> & { readonly units: Units }) {
  return (
    <Table label="What it would change">
      <thead>
        <tr>
          <th scope="col">Limit</th>
          <th scope="col" data-align="right">
            Now
          </th>
          <th scope="col" data-align="right">
            Then
          </th>
        </tr>
      </thead>
      <tbody>
        {changes.map(({ key, from, to }) => (
          <tr key={key}>
            <td className="mono">{key}</td>
            <td data-align="right">{toReadable(from, units.get(key) ?? 'count')}</td>
            <td data-align="right">
              <b>{toReadable(to, units.get(key) ?? 'count')}</b>
            </td>
          </tr>
        ))}
      </tbody>
    </Table>
  );
}
