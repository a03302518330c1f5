import { Field as Base } from '@base-ui/react/field';
import type { KeyboardEvent, Ref } from 'react';
import { Field, type FieldProps } from './field.tsx';
import styles from './fields.module.css';

interface TextFieldProps extends FieldProps {
  readonly value: string;
  readonly onChange: (value: string) => void;
  readonly type?: 'text' | 'search' | 'password' | 'url';
  readonly placeholder?: string;
  readonly isMono?: boolean;
  readonly size?: 'medium' | 'small' | 'large';
  readonly maxLength?: number;
  readonly onKeyDown?: (event: KeyboardEvent<HTMLElement>) => void;
  readonly inputRef?: Ref<HTMLInputElement>;
  readonly autoComplete?: string;
  /** Takes the focus when it appears: only where the page is for typing into it. */
  readonly hasFirstFocus?: boolean;
}

/** One line of text. */
export function TextField({
  value,
  onChange,
  type = 'text',
  size = 'medium',
  isMono,
  hasFirstFocus,
  ...props
}: TextFieldProps) {
  const { placeholder, maxLength, onKeyDown, inputRef, autoComplete = 'off', ...field } = props;
  return (
    <Field {...field}>
      <Base.Control
        ref={inputRef}
        className={styles['input']}
        data-size={size}
        data-mono={isMono}
        type={type}
        value={value}
        placeholder={placeholder}
        maxLength={maxLength}
        autoComplete={autoComplete}
        spellCheck={false}
        // oxlint-disable-next-line jsx-a11y/no-autofocus -- asked for by pages whose one purpose the field is
        autoFocus={hasFirstFocus}
        onKeyDown={onKeyDown}
        onValueChange={onChange}
      />
    </Field>
  );
}
