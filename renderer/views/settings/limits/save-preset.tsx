import { useRef, useState } from 'react';
import type { SettingPreset } from '../../../../shared/contract/settings.ts';
import { Button } from '../../../ui/button.tsx';
import { CommandButton } from '../../../ui/command-button.tsx';
import { TextField } from '../../../ui/fields/text-field.tsx';
import { Dialog } from '../../../ui/overlays/dialog.tsx';
import { useIsAway } from '../../../ui/use-away.ts';
import { checkPresetName } from './changes-model.ts';

interface SavePresetProps {
  readonly isOpen: boolean;
  readonly presets: readonly SettingPreset[];
  readonly isBusy: boolean;
  readonly onOpenChange: (isOpen: boolean) => void;
  /** Whether it is kept now; the dialog stays open when not. */
  readonly onSave: (name: string) => Promise<boolean>;
}

/** Keeps limits as they are under a name. */
export function SavePreset({ isOpen, presets, isBusy, onOpenChange, onSave }: SavePresetProps) {
  const [name, setName] = useState('');
  const field = useRef<HTMLInputElement>(null);
  const isAway = useIsAway();
  const { problem, hint } = checkPresetName(name, presets);
  const canSave = name.trim() !== '' && problem === undefined;
  const close = (): void => {
    setName('');
    onOpenChange(false);
  };
  const save = async (): Promise<void> => {
    if (canSave && !isBusy && !isAway && (await onSave(name.trim()))) close();
  };
  return (
    <Dialog
      isOpen={isOpen}
      onOpenChange={(open) => (open ? onOpenChange(true) : close())}
      title="Save limits as a preset"
      description="Keeps what settings.json says now. Limits that the environment or the command line gives are not part of it."
      size="small"
      initialFocus={field}
      footer={
        <>
          <Button onClick={close}>Cancel</Button>
          <CommandButton tone="primary" isBusy={isBusy} disabled={!canSave} onClick={() => void save()}>
            Save preset
          </CommandButton>
        </>
      }
    >
      <TextField
        label="Name"
        value={name}
        maxLength={40}
        inputRef={field}
        hint={hint}
        error={problem}
        onChange={setName}
        onKeyDown={(event) => {
          if (event.key === 'Enter') void save();
        }}
      />
    </Dialog>
  );
}
