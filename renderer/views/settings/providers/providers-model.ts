import type { ProviderEntry } from '../../../../shared/contract/providers.ts';
import type { Tone } from '../../../ui/chip.tsx';

/** Where a provider's requests go. */
export const PLACES: Readonly<Record<ProviderEntry['place'], { readonly word: string; readonly tone: Tone }>> = {
  simulated: { word: 'simulated, no network', tone: 'idle' },
  local: { word: 'on this machine', tone: 'ok' },
  cloud: { word: 'in the cloud', tone: 'accent' },
};

/** How it stands with a provider's key, as a chip and a sentence with the way out. */
export function toKeyWords(
  { key, keyFrom }: Pick<ProviderEntry, 'key' | 'keyFrom'>,
  keepsKeys: boolean,
): { readonly word: string; readonly tone: Tone; readonly sentence: string } {
  const variable = keyFrom ?? 'its environment variable';
  if (key === 'none needed') return { word: 'no key needed', tone: 'idle', sentence: '' };
  if (key === 'environment')
    return { word: 'key set', tone: 'ok', sentence: `Read from ${variable}, which stands above a kept key.` };
  if (key === 'kept') return { word: 'key set', tone: 'ok', sentence: 'Kept by the operating system, encrypted.' };
  return {
    word: 'key missing',
    tone: 'warn',
    sentence: keepsKeys
      ? `Set a key here, or start Flotilla with ${variable}.`
      : `Start Flotilla with ${variable}: in the browser it takes keys from its environment only and keeps none.`,
  };
}

/** The first few models by name, and how many more. */
export function toModelsText(models: readonly string[]): string {
  if (models.length === 0) return 'It offers no model.';
  const shown = models.slice(0, 6).join(', ');
  return models.length > 6 ? `${shown} and ${models.length - 6} more` : shown;
}
