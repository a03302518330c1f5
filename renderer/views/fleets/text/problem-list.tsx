import type { FleetProblem } from '../../../../shared/fleet/fleet-problem.ts';
import { QuotedWords } from './quoted-words.tsx';
import styles from './problem-list.module.css';

interface ProblemListProps {
  readonly problems: readonly FleetProblem[];
  /** Whether a mistake stands in the text on show, and not in a file it draws on. */
  readonly isOwn: (problem: FleetProblem) => boolean;
  readonly onGo: (problem: FleetProblem) => void;
}

/** Every mistake with its line; choosing one goes there. */
export function ProblemList({ problems, isOwn, onGo }: ProblemListProps) {
  return (
    <ul className={styles['list']} aria-label="Mistakes">
      {problems.map((problem) => {
        const { file, line, column, message, hint } = problem;
        const words = (
          <>
            <span className={styles['message']}>
              <QuotedWords>{message}</QuotedWords>
            </span>
            {hint === undefined ? null : (
              <span className={styles['hint']}>
                <QuotedWords>{hint}</QuotedWords>
              </span>
            )}
          </>
        );
        return (
          <li key={`${file} ${line} ${column} ${message}`}>
            {isOwn(problem) ? (
              <button type="button" onClick={() => onGo(problem)}>
                <span className={styles['place']}>line {line}</span>
                {words}
              </button>
            ) : (
              <div>
                <span className={styles['place']}>
                  {file}
                  {line > 0 ? ` line ${line}` : ''}
                </span>
                {words}
              </div>
            )}
          </li>
        );
      })}
    </ul>
  );
}
