import { toQuotedParts } from './quoted-parts.ts';

/** A sentence of the program, in which what stands between backticks is a word of the file. */
export function QuotedWords({ children }: { readonly children: string }) {
  return toQuotedParts(children).map(({ text, isCode, at }) =>
    isCode ? (
      <code key={at} className="mono">
        {text}
      </code>
    ) : (
      <span key={at}>{text}</span>
    ),
  );
}
