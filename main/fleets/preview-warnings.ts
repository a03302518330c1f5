import type { Permission } from '../../runtime/tools/tool.ts';
import type { FleetOutline, OutlineGroup } from './fleet-outline.ts';

/** What is known of the tools and of this machine when a fleet is previewed. */
export interface WarningFacts {
  /** What each tool needs that is denied unless `allow` names it; a tool that only reads is not in it. */
  readonly needs: ReadonlyMap<string, Permission>;
  /** Why nothing confines a shell here; `undefined` where something does, or no agent has one. */
  readonly openShell: string | undefined;
  /** Models whose price is not known. */
  readonly unpricedModels: readonly string[];
}

/** What the built-in tools that change something need; each of them asks for the permission of its own name. */
export const BUILT_IN_NEEDS: ReadonlyMap<string, Permission> = new Map([
  ['shell', 'shell'],
  ['write_file', 'write_file'],
]);

/** Groups named in one sentence. */
const MAX_NAMED = 3;

/** What a person should know before launching, a sentence each, the gravest first. */
export function toWarnings(outline: FleetOutline, facts: WarningFacts): string[] {
  const allowed = new Set<Permission>(outline.allow);
  const isUsable = (tool: string): boolean => {
    const need = facts.needs.get(tool);
    return outline.groups.some(({ tools }) => tools.includes(tool)) && (need === undefined || allowed.has(need));
  };
  const warnings: string[] = [];
  if (isUsable('shell')) warnings.push(toShellWarning(facts.openShell));
  const programs = outline.groups.filter(({ kind }) => kind === 'command');
  if (programs.length > 0) {
    warnings.push(
      `${toNames(programs)} ${programs.length === 1 ? 'is a program and does' : 'are programs and do'} what your account may do; nothing confines them.`,
    );
  }
  if (isUsable('write_file')) warnings.push(`Agents may write files in ${outline.workspace}.`);
  if (isUsable('http')) warnings.push(...toNetworkWarnings(allowed));
  warnings.push(...toDenials(outline, facts.needs));
  if (outline.budget.usd !== undefined && facts.unpricedModels.length > 0) {
    warnings.push(
      `The price of ${facts.unpricedModels.slice(0, MAX_NAMED).join(', ')} is not known, so the budget in dollars cannot stop it; set a budget in tokens, or give the provider a price.`,
    );
  }
  return warnings;
}

function toShellWarning(why: string | undefined): string {
  if (why === undefined) return 'Agents may run shell commands; a sandbox lets them write in the workspace only.';
  return `Agents may run shell commands and nothing confines them: ${why}. They do what your account may do.`;
}

function toNetworkWarnings(allowed: ReadonlySet<Permission>): string[] {
  const reached = [
    ...(allowed.has('http-loopback') ? ['servers on this machine'] : []),
    ...(allowed.has('http-private') ? ['servers in your private network'] : []),
  ];
  return reached.length === 0 ? [] : [`Agents may send requests to ${reached.join(' and ')}.`];
}

/** Tools that are offered and then refused at each call: the model pays for trying. */
export function toDenials({ groups, allow }: FleetOutline, needs: ReadonlyMap<string, Permission>): string[] {
  const allowed = new Set<Permission>(allow);
  return [...needs]
    .filter(([, need]) => !allowed.has(need))
    .flatMap(([tool, need]) => {
      const offered = groups.filter(({ tools }) => tools.includes(tool));
      if (offered.length === 0) return [];
      return [
        `${tool} is offered to ${toNames(offered)} and refused at each call; add "- ${need}" under "allow:", or take the tool away.`,
      ];
    });
}

function toNames(groups: readonly OutlineGroup[]): string {
  const names = groups.slice(0, MAX_NAMED).map(({ name }) => name);
  const more = groups.length - names.length;
  return more === 0 ? names.join(', ') : `${names.join(', ')} and ${more} more`;
}
