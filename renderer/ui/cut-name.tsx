import styles from './cut-name.module.css';
import { splitName } from './cut-name-model.ts';

/**
 * A name in one line, cut in the middle where room is short: `survey-of-the-…-17`. Names of agents differ at their ends, so the
 * end is what must stay; the whole name is the title. Read out it has a space at the cut, so what holds it and nothing else
 * names itself with `aria-label`.
 */
export function CutName({ name }: { readonly name: string }) {
  const [head, tail] = splitName(name);
  return (
    <span className={styles['name']} title={name}>
      <span>{head}</span>
      <span>{tail}</span>
    </span>
  );
}
