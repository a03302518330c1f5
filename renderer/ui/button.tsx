import type { ComponentProps } from 'react';
import styles from './button.module.css';

interface ButtonProps extends ComponentProps<'button'> {
  /**
   * `primary` is the one thing this place is for, `danger` begins to take something away, `destructive` does it, `quiet` stands in a
   * row of others.
   */
  readonly tone?: 'plain' | 'primary' | 'danger' | 'destructive' | 'quiet';
  readonly size?: 'medium' | 'small';
  /** Shown as disabled with `aria-busy` while its command is under way. */
  readonly isBusy?: boolean;
}

/** A button of the kit; never submits a form unless told. */
export function Button({ tone = 'plain', size = 'medium', isBusy = false, disabled, ...rest }: ButtonProps) {
  return (
    <button
      type="button"
      {...rest}
      className={styles['button']}
      data-tone={tone}
      data-size={size}
      aria-busy={isBusy || undefined}
      disabled={disabled === true || isBusy}
    />
  );
}
