import { Field as Base } from '@base-ui/react/field';
import type { ReactNode } from 'react';
import styles from './fields.module.css';

/** What every field of the kit is told. */
export interface FieldProps {
  readonly label: string;
  /** The label is read out but not seen: the place says it. */
  readonly isLabelHidden?: boolean;
  readonly hint?: ReactNode;
  /** What is wrong with the value, as a sentence. */
  readonly error?: string;
  readonly isDisabled?: boolean;
}

/** A control with its label, a hint and what is wrong with it; all three are tied to the control for screen readers. */
export function Field({
  label,
  isLabelHidden,
  hint,
  error,
  isDisabled,
  children,
}: FieldProps & { readonly children: ReactNode }) {
  return (
    <Base.Root className={styles['field']} invalid={error !== undefined} disabled={isDisabled}>
      <Base.Label className={isLabelHidden === true ? 'visually-hidden' : styles['label']}>{label}</Base.Label>
      {children}
      {hint === undefined ? null : <Base.Description className={styles['hint']}>{hint}</Base.Description>}
      {error === undefined ? null : (
        <Base.Error className={styles['error']} match>
          {error}
        </Base.Error>
      )}
    </Base.Root>
  );
}
