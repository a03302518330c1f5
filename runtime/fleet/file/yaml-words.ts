import type { YAMLError } from 'yaml';
import type { SourceText } from './source-text.ts';

interface Words {
  readonly message: string;
  readonly hint?: string;
}

type Say = (error: YAMLError, at: string) => Words;

const SAY: Partial<Record<YAMLError['code'], Say>> = {
  TAB_AS_INDENT: () => ({ message: 'a tab cannot indent a line', hint: 'indent with two spaces' }),
  BAD_INDENT: (error) =>
    isUnclosed(error)
      ? {
          message: 'the bracket that opens here is not closed',
          hint: 'add the missing `]` or `}`, or indent the lines inside it further',
        }
      : {
          message: 'this line is not indented like the others beside it',
          hint: 'let all keys of a section begin in the same column',
        },
  BAD_SCALAR_START: (_error, at) => ({ message: `a text cannot begin with \`${at}\``, hint: 'put it in quotes' }),
  BAD_DQ_ESCAPE: (error) => ({
    message: `unknown escape ${error.message.replace('Invalid escape sequence ', '`')}\` in a text in double quotes`,
    hint: 'use single quotes, or `\\\\` for a backslash',
  }),
  BLOCK_AS_IMPLICIT_KEY: () => ({
    message: 'a second `:` in this line makes it a section inside a section',
    hint: 'put a text that contains `: ` in quotes',
  }),
  MULTILINE_IMPLICIT_KEY: () => ({ message: 'a key must be on one line', hint: 'is a `:` missing after the key?' }),
  KEY_OVER_1024_CHARS: () => ({ message: 'a key may have at most 1024 characters' }),
  TAG_RESOLVE_FAILED: (error) => ({
    message: `unknown tag \`${error.message.replace('Unresolved tag: ', '').replace('tag:yaml.org,2002:', '!!')}\``,
    hint: 'leave it out: tags are not needed; a text that begins with `!` belongs in quotes',
  }),
  BAD_DIRECTIVE: () => ({ message: 'this directive is not known', hint: 'leave the line out' }),
  BAD_ALIAS: () => ({
    message: 'the name of this anchor or alias cannot be read',
    hint: 'a text that begins with `*` or `&` belongs in quotes',
  }),
  ALIAS_PROPS: () => ({ message: 'an alias can have no anchor or tag of its own' }),
  MULTIPLE_ANCHORS: () => ({ message: 'a value can have one anchor at most' }),
  MULTIPLE_TAGS: () => ({ message: 'a value can have one tag at most' }),
  BAD_COLLECTION_TYPE: () => ({ message: 'the tag does not fit this value', hint: 'leave it out' }),
  UNEXPECTED_TOKEN: (_error, at) => ({
    message: at === '' ? 'something is missing here' : `unexpected \`${at}\``,
    hint: 'a text with special characters belongs in quotes',
  }),
  MISSING_CHAR: (error) =>
    isUnclosed(error)
      ? { message: 'the text in quotes that begins here is not closed', hint: 'add the missing quote' }
      : sayMissing(error.message),
};

/** Whether the mistake is a quote or bracket that is not closed; its place is then where it should have been. */
export function isUnclosed(error: YAMLError): boolean {
  return /end with|closing/.test(error.message);
}

function sayMissing(message: string): Words {
  if (/Comments/.test(message)) return { message: 'a comment needs a space before its `#`' };
  if (/Implicit map keys|map values/.test(message)) {
    return { message: 'a key without a value', hint: 'write `key: value`, with a space after the colon' };
  }
  if (/Sequence item/.test(message)) return { message: 'an item of a list must begin with `- `' };
  if (/ , /.test(message)) return { message: 'a comma is missing before this' };
  if (/space after :/.test(message)) return { message: 'a space is missing after `:`' };
  return { message: 'a space or line break is missing here' };
}

/** What a mistake of YAML's grammar means to the author of the file. */
export function toYamlWords(error: YAMLError, source: SourceText): Words {
  const at = source.text
    .slice(error.pos[0], Math.max(error.pos[1], error.pos[0] + 1))
    .trim()
    .slice(0, 20);
  return (
    SAY[error.code]?.(error, at) ?? {
      message: 'this is not YAML',
      hint: 'check the quotes, brackets and indentation before it',
    }
  );
}
