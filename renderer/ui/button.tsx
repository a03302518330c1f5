import type { ComponentProps, MouseEvent } from 'react';
import styles from './button.module.css';

/** What a button of the kit is told. */
export interface ButtonProps extends ComponentProps<'button'> {
  /**
   * `primary` is the one thing this place is for, `danger` begins to take something away, `destructive` does it, `quiet` stands in a
   * row of others.
   */
  readonly tone?: 'plain' | 'primary' | 'danger' | 'destructive' | 'quiet';
  readonly size?: 'medium' | 'small';
  /** Its command is under way: presses do nothing, and the focus stays on it. */
  readonly isBusy?: boolean;
  /** Why it cannot be pressed now, told at it: it does nothing, and keeps the focus, so that the reason can be read. */
  readonly whyNot?: string;
}

/** A button of the kit; never submits a form unless told. */
export function Button({ tone = 'plain', size = 'medium', isBusy = false, whyNot, onClick, ...rest }: ButtonProps) {
  const isHeld = isBusy || whyNot !== undefined;
  const press = (event: MouseEvent<HTMLButtonElement>): void => {
    if (isHeld) event.preventDefault();
    else onClick?.(event);
  };
  return (
    <button
      type="button"
      {...rest}
      title={whyNot ?? rest.title}
      className={styles['button']}
      data-tone={tone}
      data-size={size}
      aria-busy={isBusy || undefined}
      aria-disabled={isHeld || undefined}
      onClick={press}
    />
  );
}
