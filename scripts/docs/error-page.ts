import { ERROR_CODES } from '../../shared/errors/error-codes.ts';
import type { Page } from './page.ts';

const INTRO = `# Errors

Every failure has a code. Codes appear in JSON lines, history, the log and on screens; they are never renamed or reused.
*Retry* says whether the same call, unchanged, may succeed later. *Exit* is the exit code when the failure ends a command:
3 the input is wrong, 4 the environment is wrong, 70 a defect of ours, 130 cancelled. Made from
\`shared/errors/error-codes.ts\`.

| code | meaning | retry | exit |
|---|---|---|---|
`;

/** `docs/errors.md`. */
export function createErrorPage(): Page {
  const rows = Object.entries(ERROR_CODES).map(
    ([code, { summary, retryable, exit }]) => `| \`${code}\` | ${summary} | ${retryable ? 'yes' : 'no'} | ${exit} |`,
  );
  return { path: 'docs/errors.md', text: `${INTRO}${rows.join('\n')}\n` };
}
