/** Values of a fleet file may stand this deep in each other. */
export const MAX_YAML_DEPTH = 64;

/**
 * The scan below counts up to three places for one level, so that a file within `MAX_YAML_DEPTH` is never refused by it; and it
 * misses at most every second level, which leaves half of what the parser was seen to bear on a small stack (786).
 */
const MAX_COUNTED = 4 * MAX_YAML_DEPTH;

/** What the lexer says between the pieces of the text: start of a document, of an error, of a scalar. */
const SCALAR_FOLLOWS = '\u001F';
const MARKS: ReadonlySet<string> = new Set(['\u0002', '\u0018', SCALAR_FOLLOWS]);

/**
 * Where a text is nested so deeply that it must not be parsed; `undefined` for one that may be.
 *
 * Parsers of YAML call themselves for each level. At the end of its stack V8 does not always throw: when it happens to compile a
 * regular expression there, it ends the whole process (or the page). A thousand `[` are enough.
 *
 * @param lexemes of the `yaml` package's `Lexer`, which does not call itself; read no further than to the place
 */
export function findTooDeep(lexemes: Iterable<string>): number | undefined {
  const scan: Scan = { columns: [], openCount: 0, isBegin: true };
  let offset = 0;
  let lineStart = 0;
  let isScalar = false;
  for (const lexeme of lexemes) {
    if (MARKS.has(lexeme) && !isScalar) {
      isScalar = lexeme === SCALAR_FOLLOWS;
      continue;
    }
    count(scan, isScalar ? 'scalar' : lexeme, offset - lineStart);
    if (scan.columns.length + scan.openCount > MAX_COUNTED) return offset;
    isScalar = false;
    const newline = lexeme.lastIndexOf('\n');
    if (newline !== -1) lineStart = offset + newline + 1;
    offset += lexeme.length;
  }
  return undefined;
}

interface Scan {
  /** Where the sections and lists begin that are open by their indentation; increasing. */
  readonly columns: number[];
  /** Brackets that are open. */
  openCount: number;
  /** Nothing but indicators stands before this piece on its line. */
  isBegin: boolean;
}

function count(scan: Scan, lexeme: string, column: number): void {
  const [first = ''] = lexeme;
  if (lexeme === '---' || lexeme === '...') scan.columns.length = 0;
  else if (first === '\n' || first === '\r') scan.isBegin = true;
  else if (lexeme === '[' || lexeme === '{') scan.openCount += 1;
  else if (lexeme === ']' || lexeme === '}') scan.openCount = Math.max(0, scan.openCount - 1);
  else if (!' \t#,'.includes(first) && scan.openCount === 0) begin(scan, lexeme, column);
}

/** Something begins in this column: what began to the right of it is over. */
function begin(scan: Scan, lexeme: string, column: number): void {
  const isIndicator = lexeme === '-' || lexeme === '?' || lexeme === ':';
  if (!isIndicator && !scan.isBegin) return;
  while ((scan.columns.at(-1) ?? -1) >= column) scan.columns.pop();
  scan.columns.push(column);
  scan.isBegin = isIndicator;
}
