import { useState } from 'react';
import type { ProviderEntry } from '../../../../shared/contract/providers.ts';
import { Chip } from '../../../ui/chip.tsx';
import { CommandButton } from '../../../ui/command-button.tsx';
import { useConfirm } from '../../../ui/overlays/use-confirm.ts';
import { KeyDialog } from './key-dialog.tsx';
import { PLACES, toKeyWords, toModelsText } from './providers-model.ts';
import styles from './providers-section.module.css';
import { type Checked, useProviderCheck, useProviderKey } from './use-providers.ts';

interface ProviderRowProps {
  readonly provider: ProviderEntry;
  readonly keepsKeys: boolean;
}

/** One provider: where it is, its key, and a check that asks it once. */
export function ProviderRow({ provider, keepsKeys }: ProviderRowProps) {
  const { name, protocol, baseUrl, place } = provider;
  const key = toKeyWords(provider, keepsKeys);
  const { checked, isChecking, check } = useProviderCheck(name);
  return (
    <section className={styles['row']} aria-label={name}>
      <div className={styles['about']}>
        <div className={styles['name']}>
          <h3>{name}</h3>
          <Chip tone={PLACES[place].tone}>{PLACES[place].word}</Chip>
          <Chip tone={key.tone}>{key.word}</Chip>
        </div>
        <div className={styles['facts']}>
          {baseUrl === '' ? 'started by the program when it is needed' : <span className="mono">{baseUrl}</span>} ·
          speaks {protocol}
        </div>
        {key.sentence === '' ? null : <div className={styles['facts']}>{key.sentence}</div>}
        <div role="status">{checked ? <CheckResult checked={checked} /> : null}</div>
      </div>
      <div className={styles['actions']}>
        {keepsKeys && provider.key !== 'none needed' ? <KeyButtons provider={provider} /> : null}
        <CommandButton size="small" isBusy={isChecking} aria-label={`Check ${name}`} onClick={() => void check()}>
          {isChecking ? 'Checking …' : 'Check'}
        </CommandButton>
      </div>
    </section>
  );
}

function KeyButtons({ provider }: { readonly provider: ProviderEntry }) {
  const { name, key } = provider;
  const [isAsking, setAsking] = useState(false);
  const { keep, remove, isRunning } = useProviderKey(name);
  const confirm = useConfirm();
  const askRemove = async (): Promise<void> => {
    const isSure = await confirm({
      title: `Remove the key of ${name}?`,
      consequence:
        'Runs that start from now on cannot ask this provider until a key is set again. Runs under way keep theirs.',
      confirmLabel: 'Remove key',
    });
    if (isSure) await remove();
  };
  return (
    <>
      <CommandButton size="small" aria-label={`Set the key of ${name}`} onClick={() => setAsking(true)}>
        {key === 'kept' ? 'Replace key…' : 'Set key…'}
      </CommandButton>
      {key === 'kept' ? (
        <CommandButton
          size="small"
          tone="danger"
          isBusy={isRunning}
          aria-label={`Remove the key of ${name}`}
          onClick={() => void askRemove()}
        >
          Remove key…
        </CommandButton>
      ) : null}
      <KeyDialog name={name} isOpen={isAsking} isBusy={isRunning} onOpenChange={setAsking} onKeep={keep} />
    </>
  );
}

function CheckResult({ checked }: { readonly checked: Checked }) {
  if (checked.kind === 'wrong') {
    return (
      <div className={styles['result']} data-tone="bad">
        {checked.error.message} <span className="mono">{checked.error.code}</span>
      </div>
    );
  }
  const { message, models } = checked.answer;
  return (
    <div className={styles['result']} data-tone="ok">
      {message} <span className="mono">{toModelsText(models)}</span>
    </div>
  );
}
