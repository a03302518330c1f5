/** What a test sends: the text of a function that is given the modules of Electron, and what it is given besides. */
interface Question {
  readonly id: number;
  readonly source: string;
  readonly argument: unknown;
}

/** What it gets back. */
export interface Answer {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: string;
}

/** Carries out what the test that started this program asks, as Playwright does inside the real Electron. */
export function answerTests(electron: object): void {
  if (!process.send) return;
  const reply = async ({ id, source, argument }: Question): Promise<void> => {
    const answer: Answer = await carryOut(source, electron, argument).then(
      (value) => ({ id, value }),
      (error: unknown) => ({ id, error: String(error) }),
    );
    process.send?.(answer);
  };
  process.on('message', (question: Question) => void reply(question));
  // Nothing outlives its test.
  process.on('disconnect', () => process.exit(1));
}

async function carryOut(source: string, electron: object, argument: unknown): Promise<unknown> {
  // oxlint-disable-next-line no-eval -- a function of the test, which Playwright would carry over likewise
  const work = (0, eval)(`(${source})`) as (electron: object, argument: unknown) => unknown;
  return await work(electron, argument);
}
