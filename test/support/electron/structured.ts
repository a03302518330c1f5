/**
 * What a port carries as one text and back, bytes included; the page's side of it is in `page-side.ts`.
 *
 * Of what may be cloned only plain data and bytes are known here: the contract sends nothing else.
 */
export function toText(value: unknown): string {
  const bytes: string[] = [];
  const text = JSON.stringify({ value }, (_key, item: unknown) => {
    if (!(item instanceof Uint8Array)) return item;
    bytes.push(Buffer.from(item.buffer, item.byteOffset, item.byteLength).toString('base64'));
    return `${MARK}${bytes.length - 1}`;
  });
  return JSON.stringify([text, bytes]);
}

/** @see toText */
export function fromText(text: string): unknown {
  const [inner, bytes] = JSON.parse(text) as [string, string[]];
  const { value } = JSON.parse(inner, (_key, item: unknown) =>
    typeof item === 'string' && item.startsWith(MARK)
      ? new Uint8Array(Buffer.from(bytes[Number(item.slice(MARK.length))] ?? '', 'base64'))
      : item,
  ) as { value: unknown };
  return value;
}

/** No text of the contract begins with a private-use character. */
const MARK = '\uE000bytes:';
