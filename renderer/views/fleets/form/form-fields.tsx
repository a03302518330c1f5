import { type ReactNode, useId } from 'react';
import { Button } from '../../../ui/button.tsx';
import { NumberField } from '../../../ui/fields/number-field.tsx';
import { TextField } from '../../../ui/fields/text-field.tsx';
import { QuotedWords } from '../text/quoted-words.tsx';
import { useFormDesk } from './form-context.ts';
import { type Field, fromPromptText, numberField, textField, toPromptText } from './form-model.ts';
import styles from './form-view.module.css';
import type { FieldPath } from './yaml-source.ts';

interface ValueFieldProps {
  readonly path: FieldPath;
  readonly label: string;
  readonly hint?: string;
  readonly placeholder?: string;
  /** Stays in the file as an empty text instead of being taken out. */
  readonly isRequired?: boolean;
}

/** One line of text of the file. */
export function TextValue({
  path,
  label,
  hint,
  placeholder = '',
  isRequired = false,
  isMono,
}: ValueFieldProps & { readonly isMono?: boolean }) {
  const { source, edit } = useFormDesk();
  const field = textField(source, path);
  if (field.kind === 'fixed') return <FixedValue label={label} field={field} />;
  const change = (value: string): void =>
    edit(value === '' && !isRequired ? { kind: 'remove', path } : { kind: 'set', path, value });
  const value = field.kind === 'value' ? field.value : '';
  if (value.includes('\n')) return <ProseValue path={path} label={label} />;
  return (
    <TextField
      label={label}
      hint={hint}
      placeholder={placeholder}
      value={value}
      onChange={change}
      isMono={isMono ?? false}
    />
  );
}

/** A number of the file. */
export function NumberValue({
  path,
  label,
  hint,
  unit,
  min = 1,
}: ValueFieldProps & { readonly unit?: string; readonly min?: number }) {
  const { source, edit } = useFormDesk();
  const field = numberField(source, path);
  if (field.kind === 'fixed') return <FixedValue label={label} field={field} />;
  const change = (value: number | undefined): void =>
    edit(value === undefined ? { kind: 'remove', path } : { kind: 'set', path, value });
  return (
    <NumberField
      label={label}
      hint={hint}
      min={min}
      {...(unit === undefined ? {} : { unit })}
      value={field.kind === 'value' ? field.value : undefined}
      onChange={change}
    />
  );
}

/** A text of several lines. */
export function ProseValue({ path, label, hint }: ValueFieldProps) {
  const { source, edit } = useFormDesk();
  const id = useId();
  const field = textField(source, path);
  if (field.kind === 'fixed') return <FixedValue label={label} field={field} />;
  const before = field.kind === 'value' ? field.value : '';
  const shown = fromPromptText(before);
  const lines = Math.min(14, Math.max(3, shown.split('\n').length + 1));
  return (
    <div className={styles['prose']}>
      <label htmlFor={id}>{label}</label>
      <textarea
        id={id}
        rows={lines}
        value={shown}
        spellCheck={false}
        onChange={({ target }) => edit({ kind: 'set', path, value: toPromptText(target.value, before) })}
      />
      {hint === undefined ? null : <span className={styles['hint']}>{hint}</span>}
    </div>
  );
}

interface FixedValueProps {
  readonly label: string;
  readonly field: Extract<Field<never>, { kind: 'fixed' }>;
}

/** A value the form would not change safely. */
export function FixedValue({ label, field }: FixedValueProps) {
  const { showLine } = useFormDesk();
  return (
    <div className={styles['fixed']}>
      <span className={styles['label']}>{label}</span>
      <pre>{field.shown}</pre>
      <span className={styles['hint']}>
        <QuotedWords>{field.why}</QuotedWords>{' '}
        <Button size="small" tone="quiet" onClick={() => showLine(field.line)}>
          Edit in the text
        </Button>
      </span>
    </div>
  );
}

interface TickProps {
  readonly label: string;
  readonly says: string;
  readonly isOn: boolean;
  readonly onChange: (isOn: boolean) => void;
}

/** A box to tick, with what it means. */
export function Tick({ label, says, isOn, onChange }: TickProps) {
  const id = useId();
  return (
    // oxlint-disable-next-line jsx-a11y/label-has-associated-control -- its text stands two levels down
    <label className={styles['tick']} htmlFor={id}>
      <input id={id} type="checkbox" checked={isOn} onChange={({ target }) => onChange(target.checked)} />
      <span>
        <code>{label}</code>
        <span>{says}</span>
      </span>
    </label>
  );
}

/** A part of the form under its own heading. */
export function FormSection({
  title,
  note,
  children,
}: {
  readonly title: string;
  readonly note?: string;
  readonly children: ReactNode;
}) {
  return (
    <section className={styles['section']} aria-label={title}>
      <h2>
        {title}
        {note === undefined ? null : <span>{note}</span>}
      </h2>
      {children}
    </section>
  );
}
