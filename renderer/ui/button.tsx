import type { ComponentProps, MouseEvent } from 'react';
import styles from './button.module.css';

interface ButtonProps extends ComponentProps<'button'> {
  /**
   * `primary` is the one thing this place is for, `danger` begins to take something away, `destructive` does it, `quiet` stands in a
   * row of others.
   */
  readonly tone?: 'plain' | 'primary' | 'danger' | 'destructive' | 'quiet';
  readonly size?: 'medium' | 'small';
  /** Its command is under way: presses do nothing, and the focus stays on it. */
  readonly isBusy?: boolean;
}

/** A button of the kit; never submits a form unless told. */
export function Button({ tone = 'plain', size = 'medium', isBusy = false, onClick, ...rest }: ButtonProps) {
  const press = (event: MouseEvent<HTMLButtonElement>): void => {
    if (isBusy) event.preventDefault();
    else onClick?.(event);
  };
  return (
    <button
      type="button"
      {...rest}
      className={styles['button']}
      data-tone={tone}
      data-size={size}
      aria-busy={isBusy || undefined}
      aria-disabled={isBusy || undefined}
      onClick={press}
    />
  );
}
