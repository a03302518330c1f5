import { Select as Base } from '@base-ui/react/select';
import { Check, ChevronDown } from 'lucide-react';
import { Field, type FieldProps } from './field.tsx';
import styles from './fields.module.css';

interface SelectProps<Value extends string> extends FieldProps {
  readonly value: Value;
  readonly onChange: (value: Value) => void;
  readonly options: readonly { readonly value: Value; readonly label: string }[];
  readonly size?: 'medium' | 'small';
}

/** One of a few. */
export function Select<Value extends string>({
  value,
  onChange,
  options,
  size = 'medium',
  ...field
}: SelectProps<Value>) {
  return (
    <Field {...field}>
      <Base.Root
        items={options}
        value={value}
        modal={false}
        disabled={field.isDisabled}
        onValueChange={(next) => {
          if (next !== null) onChange(next);
        }}
      >
        <Base.Trigger className={styles['select']} data-size={size}>
          <Base.Value />
          <Base.Icon className={styles['selectIcon']}>
            <ChevronDown aria-hidden="true" />
          </Base.Icon>
        </Base.Trigger>
        <Base.Portal>
          <Base.Positioner className={styles['positioner']} sideOffset={4} alignItemWithTrigger={false}>
            <Base.Popup className={styles['list']}>
              {options.map((option) => (
                <Base.Item key={option.value} value={option.value} className={styles['option']}>
                  <span className={styles['tick']}>
                    <Base.ItemIndicator>
                      <Check aria-hidden="true" />
                    </Base.ItemIndicator>
                  </span>
                  <Base.ItemText>{option.label}</Base.ItemText>
                </Base.Item>
              ))}
            </Base.Popup>
          </Base.Positioner>
        </Base.Portal>
      </Base.Root>
    </Field>
  );
}
