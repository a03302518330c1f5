import type { Processes } from '../../runtime/processes/owned-process.ts';
import type { Clock } from '../../runtime/time/clock.ts';
import type { Tool } from '../../runtime/tools/tool.ts';
import type { FleetPreview, LaunchRequest } from '../../shared/contract/fleets.ts';
import { AppError } from '../../shared/errors/app-error.ts';
import type { FleetProblem } from '../../shared/fleet/fleet-problem.ts';
import type { ProviderKeys } from '../providers/provider-keys.ts';
import type { Environment } from '../providers/provider-lookup.ts';
import { createFleetChecker } from './fleet-checker.ts';
import type { FleetOutline } from './fleet-outline.ts';
import { createFleetPreview } from './fleet-preview.ts';
import { createShellProbe } from './shell-probe.ts';

/** Either there are problems, or the preview is there. */
export interface ValidatedFleet {
  readonly problems: FleetProblem[];
  readonly preview?: FleetPreview;
}

/** What fleets are validated with. */
export interface FleetValidationParts {
  readonly clock: Clock;
  readonly processes: Processes;
  readonly tools: readonly Pick<Tool, 'name' | 'needs'>[];
  readonly environment: Environment;
  readonly keys: Pick<ProviderKeys, 'sourceOf'>;
}

/** Tells the mistakes of a fleet file, or what it would start. */
export interface FleetValidation extends AsyncDisposable {
  /** @throws {AppError} INPUT_INVALID without a path; what `FleetChecker.check` refuses with */
  validate(source: Pick<LaunchRequest, 'path' | 'text' | 'overrides'>): Promise<ValidatedFleet>;
}

/** Starts nothing before the first file: neither a thread nor a program. */
export function createFleetValidation(parts: FleetValidationParts): FleetValidation {
  const { clock, processes, tools, environment, keys } = parts;
  const checker = createFleetChecker(clock);
  const probeShell = createShellProbe(processes);
  const needs = new Map(tools.flatMap(({ name, needs: need }) => (need === undefined ? [] : [[name, need] as const])));
  const known = { tools: tools.map(({ name }) => name) };
  return {
    async validate({ path, text, overrides }) {
      if (path === undefined) {
        const sentence = 'Name the fleet file, so that its relative paths have a place to start from.';
        throw new AppError('INPUT_INVALID', sentence);
      }
      const { problems, outline } = await checker.check({ path, text, overrides, known });
      if (!outline) return { problems: [...problems] };
      const openShell = usesShell(outline) ? await probeShell(outline.workspace) : undefined;
      return { problems: [], preview: await createFleetPreview(outline, { needs, openShell, environment, keys }) };
    },
    [Symbol.asyncDispose]: () => checker[Symbol.asyncDispose](),
  };
}

function usesShell({ allow, groups }: FleetOutline): boolean {
  return allow.includes('shell') && groups.some(({ tools }) => tools.includes('shell'));
}
