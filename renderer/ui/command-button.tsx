import { useIsAway } from './use-away.ts';
import { Button, type ButtonProps } from './button.tsx';

/** Why nothing can be told to a host that is away; stands at everything that would. */
export const AWAY =
  'Flotilla does not answer, so nothing can be changed now. The bar above the page says how to go on.';

/** A button that tells the host something: while the host is away it says why it does nothing. */
export function CommandButton(props: Omit<ButtonProps, 'whyNot'>) {
  return <Button {...props} whyNot={useIsAway() ? AWAY : undefined} />;
}
