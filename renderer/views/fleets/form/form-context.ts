import { createContext, useContext } from 'react';
import type { FieldEdit } from './plain-edit.ts';
import type { YamlSource } from './yaml-source.ts';

/** What every field of the form works on. */
export interface FormDesk {
  readonly source: YamlSource;
  /** Writes one value. */
  readonly edit: (edit: FieldEdit) => void;
  /** Takes a changed text over; `undefined` says that the form cannot make the change. */
  readonly replace: (text: string | undefined) => void;
  /** Shows a line of the text. */
  readonly showLine: (line: number) => void;
  /** Names under `providers`. */
  readonly ownProviders: readonly string[];
}

/** The form's document; `FleetFormView` provides it. */
export const FormContext = createContext<FormDesk | undefined>(undefined);

/** The form's document. */
export function useFormDesk(): FormDesk {
  const desk = useContext(FormContext);
  if (!desk) throw new Error('A field of the form stands outside of it.');
  return desk;
}
