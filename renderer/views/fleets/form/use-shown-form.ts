import { useMemo, useState } from 'react';
import { type FleetForm, toForm } from './form-model.ts';

/** The fields of a text that could be read. */
type ReadForm = Extract<FleetForm, { readonly kind: 'ready' }>;

/** What a text is as a form, and the fields to show for it: while it cannot be read, those of the last text that could. */
export type ShownForm =
  | { readonly form: FleetForm; readonly shown: ReadForm }
  | { readonly form: Exclude<FleetForm, ReadForm>; readonly shown: undefined };

/** See `ShownForm`. */
export function useShownForm(text: string): ShownForm {
  const form = useMemo(() => toForm(text), [text]);
  const [last, setLast] = useState<ReadForm>();
  if (form.kind === 'ready') {
    if (form !== last) setLast(form);
    return { form, shown: form };
  }
  return last ? { form, shown: last } : { form, shown: undefined };
}
