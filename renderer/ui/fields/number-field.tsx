import { NumberField as Base } from '@base-ui/react/number-field';
import { Field, type FieldProps } from './field.tsx';
import styles from './fields.module.css';

interface NumberFieldProps extends FieldProps {
  /** `undefined` while it is empty. */
  readonly value: number | undefined;
  readonly onChange: (value: number | undefined) => void;
  readonly min?: number;
  readonly max?: number;
  readonly step?: number;
  /** Stands right of the number. */
  readonly unit?: string;
  readonly size?: 'medium' | 'small';
}

/** A number; arrow keys step it. */
export function NumberField({ value, onChange, min, max, step, unit, size = 'medium', ...field }: NumberFieldProps) {
  return (
    <Field {...field}>
      <Base.Root
        value={value ?? null}
        min={min}
        max={max}
        step={step}
        disabled={field.isDisabled}
        // A number out of bounds is shown with its error instead of being changed under the person's hands.
        allowOutOfRange
        onValueChange={(next) => onChange(next ?? undefined)}
      >
        <Base.Group className={styles['numberGroup']}>
          <Base.Input className={styles['input']} data-size={size} data-number="true" />
          {unit === undefined ? null : <span className={styles['unit']}>{unit}</span>}
        </Base.Group>
      </Base.Root>
    </Field>
  );
}
