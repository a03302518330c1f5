/** A text that was not saved yet, kept for a reload of the page. */
export interface Draft {
  readonly text: string;
  /** Of the file it was begun from; absent for a new one. */
  readonly revision?: string;
  readonly atMs: number;
}

/** The part of `sessionStorage` that drafts need. */
export interface DraftStore {
  readonly length: number;
  key(index: number): string | null;
  getItem(key: string): string | null;
  setItem(key: string, value: string): void;
  removeItem(key: string): void;
}

/** Longest draft that is kept, in characters: a page's storage holds about five million. */
const MAX_DRAFT_CHARS = 1_000_000;
/** More are not kept; the oldest goes. */
const MAX_DRAFTS = 8;
const PREFIX = 'flotilla.draft:';

/** Keeps a draft under the file's path; answers whether it could be kept. */
export function saveDraft(store: DraftStore, name: string, draft: Draft): boolean {
  if (draft.text.length > MAX_DRAFT_CHARS) return false;
  const others = listDrafts(store).filter((other) => other.name !== name);
  for (const { name: oldest } of others.slice(0, Math.max(0, others.length - MAX_DRAFTS + 1)))
    removeDraft(store, oldest);
  try {
    store.setItem(PREFIX + name, JSON.stringify(draft));
    return true;
  } catch {
    // The page's storage is full or switched off: the text itself is still in the page.
    return false;
  }
}

/** The draft kept under a name; one that cannot be read counts as none. */
export function findDraft(store: DraftStore, name: string): Draft | undefined {
  try {
    const found: unknown = JSON.parse(store.getItem(PREFIX + name) ?? 'null');
    return isDraft(found) ? found : undefined;
  } catch {
    return undefined;
  }
}

/** Takes a draft away: its text was saved or is not wanted any more. */
export function removeDraft(store: DraftStore, name: string): void {
  store.removeItem(PREFIX + name);
}

function listDrafts(store: DraftStore): { readonly name: string; readonly atMs: number }[] {
  const names = Array.from({ length: store.length }, (_, index) => store.key(index) ?? '')
    .filter((key) => key.startsWith(PREFIX))
    .map((key) => key.slice(PREFIX.length));
  return names.map((name) => ({ name, atMs: findDraft(store, name)?.atMs ?? 0 })).toSorted((a, b) => a.atMs - b.atMs);
}

function isDraft(value: unknown): value is Draft {
  if (typeof value !== 'object' || value === null) return false;
  const { text, revision, atMs } = value as Partial<Draft>;
  return (
    typeof text === 'string' && typeof atMs === 'number' && (revision === undefined || typeof revision === 'string')
  );
}
