import { BUILT_IN_PROVIDERS, BUILT_IN_TOOLS } from '../../../../shared/fleet/fleet-schema.ts';
import { Select } from '../../../ui/fields/select.tsx';
import { TOOL_SENTENCES } from '../text/schema-model.ts';
import { useFormDesk } from './form-context.ts';
import { FixedValue, Tick } from './form-fields.tsx';
import { textField, textsField } from './form-model.ts';
import styles from './form-view.module.css';
import { applyTexts } from './yaml-edit-model.ts';
import type { FieldPath } from './yaml-source.ts';

const ALLOWED = [
  { value: 'write_file', says: 'Agents may change files in the workspace.' },
  { value: 'shell', says: 'Agents may run programs, with the rights of Flotilla itself.' },
  { value: 'http-loopback', says: 'http may ask servers on this machine.' },
  { value: 'http-private', says: 'http may ask servers in the local network.' },
];

/** The tools that agents are offered; those the program does not know are kept and shown too. */
export function ToolChoice({ path }: { readonly path: FieldPath }) {
  const tools = BUILT_IN_TOOLS.map((value) => ({ value: value as string, says: TOOL_SENTENCES[value] }));
  return <TickList path={path} label="Tools" known={tools} />;
}

/** What is denied unless it is ticked. */
export function AllowChoice() {
  return <TickList path={['allow']} label="Allowed" known={ALLOWED} />;
}

interface TickListProps {
  readonly path: FieldPath;
  readonly label: string;
  readonly known: readonly { readonly value: string; readonly says: string }[];
}

function TickList({ path, label, known }: TickListProps) {
  const { source, replace } = useFormDesk();
  const field = textsField(source, path);
  if (field.kind === 'fixed') return <FixedValue label={label} field={field} />;
  const chosen = field.kind === 'value' ? field.value : [];
  const others = chosen.filter((value) => known.every((one) => one.value !== value));
  const rows = [...known, ...others.map((value) => ({ value, says: 'Named in the file; not known here.' }))];
  return (
    <fieldset className={styles['ticks']} aria-label={label}>
      {rows.map(({ value, says }) => (
        <Tick
          key={value}
          label={value}
          says={says}
          isOn={chosen.includes(value)}
          onChange={(isOn) =>
            replace(
              applyTexts(source.text, path, isOn ? [...chosen, value] : chosen.filter((other) => other !== value)),
            )
          }
        />
      ))}
    </fieldset>
  );
}

const NONE = '';

/** Which provider answers; none where the model says it by itself. */
export function ProviderChoice({ path, noneLabel }: { readonly path: FieldPath; readonly noneLabel: string }) {
  const { source, edit, ownProviders } = useFormDesk();
  const field = textField(source, path);
  if (field.kind === 'fixed') return <FixedValue label="Provider" field={field} />;
  const value = field.kind === 'value' ? field.value : NONE;
  const names = [...new Set([...ownProviders, ...BUILT_IN_PROVIDERS, ...(value === NONE ? [] : [value])])];
  return (
    <Select
      label="Provider"
      value={value}
      options={[{ value: NONE, label: noneLabel }, ...names.map((name) => ({ value: name, label: name }))]}
      onChange={(next) => edit(next === NONE ? { kind: 'remove', path } : { kind: 'set', path, value: next })}
    />
  );
}
