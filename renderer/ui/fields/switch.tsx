import { Switch as Base } from '@base-ui/react/switch';
import { useId } from 'react';
import styles from './fields.module.css';

interface SwitchProps {
  readonly label: string;
  readonly isLabelHidden?: boolean;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
  readonly isDisabled?: boolean;
}

/** On or off, at once. */
export function Switch({ label, isLabelHidden, isOn, onChange, isDisabled }: SwitchProps) {
  const id = useId();
  return (
    <span className={styles['switchRow']}>
      <Base.Root
        className={styles['switch']}
        aria-labelledby={id}
        checked={isOn}
        disabled={isDisabled}
        onCheckedChange={(next) => onChange(next)}
      >
        <Base.Thumb className={styles['thumb']} />
      </Base.Root>
      <span id={id} className={isLabelHidden === true ? 'visually-hidden' : undefined}>
        {label}
      </span>
    </span>
  );
}
