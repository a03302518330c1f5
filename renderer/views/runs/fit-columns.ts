/** A column that may go where the table is narrow. */
export interface FittedColumn<Id extends string = string> {
  readonly id: Id;
  readonly title: string;
  readonly isNumber: boolean;
  /** Narrowest width in CSS pixels. */
  readonly minPx: number;
  /** Share of the room that is left; 0 stays as narrow as `minPx`. */
  readonly grow: number;
  /** The lowest goes first where the table is narrow; one of Infinity always stays. */
  readonly weight: number;
}

/** Width of the column with the menu of each row. */
const MENU_PX = 36;

/** The columns that fit into `widthPx` beside the menu: those of the least weight go first. */
export function fitColumns<Column extends FittedColumn>(
  columns: readonly Column[],
  widthPx: number,
): readonly Column[] {
  let kept = columns;
  for (const least of columns.toSorted((a, b) => a.weight - b.weight)) {
    if (least.weight === Infinity || toMinWidth(kept) <= widthPx) break;
    kept = kept.filter((column) => column !== least);
  }
  return kept;
}

/** The narrowest width in which nothing is cut. */
export function toMinWidth(columns: readonly FittedColumn[]): number {
  return columns.reduce((sum, { minPx }) => sum + minPx, MENU_PX);
}

/** For `grid-template-columns`. */
export function toTemplate(columns: readonly FittedColumn[]): string {
  const tracks = columns.map(({ minPx, grow }) => (grow === 0 ? `${minPx}px` : `minmax(${minPx}px, ${grow}fr)`));
  return [...tracks, `${MENU_PX}px`].join(' ');
}
