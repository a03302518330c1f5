import { type ReactNode, useId } from 'react';
import styles from './fields.module.css';

interface SegmentedControlProps<Value extends string> {
  readonly label: string;
  readonly value: Value;
  readonly onChange: (value: Value) => void;
  readonly options: readonly { readonly value: Value; readonly label: ReactNode }[];
  readonly size?: 'medium' | 'small';
}

/** One of a few, all in sight: radio buttons in a row, moved with the arrow keys. */
export function SegmentedControl<Value extends string>(props: SegmentedControlProps<Value>) {
  const { label, value, onChange, options, size = 'medium' } = props;
  const name = useId();
  return (
    <fieldset className={styles['segments']} data-size={size} aria-label={label}>
      {options.map((option) => (
        <label key={option.value} className={styles['segment']} data-on={option.value === value}>
          <input
            type="radio"
            className={styles['segmentInput']}
            name={name}
            checked={option.value === value}
            onChange={() => onChange(option.value)}
          />
          {option.label}
        </label>
      ))}
    </fieldset>
  );
}
