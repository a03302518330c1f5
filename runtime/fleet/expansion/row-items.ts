import { extname, resolve } from 'node:path';
import { loadJsonlItems } from './jsonl-items.ts';
import { loadCsvItems } from './csv-items.ts';
import type { ItemsContext, ItemsResult } from './items.ts';
import { toShownPath } from './shown-path.ts';

/** One item per row of a table; its extension tells the format. */
export async function loadRowItems(name: string, context: ItemsContext): Promise<ItemsResult> {
  const source = { path: resolve(context.folder, name), file: toShownPath(name, context) };
  switch (extname(name).toLowerCase()) {
    case '.csv':
      return loadCsvItems({ ...source, delimiter: ',' }, context);
    case '.tsv':
      return loadCsvItems({ ...source, delimiter: '\t' }, context);
    case '.jsonl':
    case '.ndjson':
      return loadJsonlItems(source, context);
    default:
      return {
        problems: [
          { message: `the kind of ${source.file} is not known`, hint: 'rows come from a .csv, .tsv or .jsonl file' },
        ],
      };
  }
}
