import type { Step } from './steps.ts';
import type { ToolProfile } from './tool-profile.ts';
import { verbGroupOf } from './words.ts';

/** A word of the tool's name says most, one of its description less, a parameter's name least. */
const NAME_WEIGHT = 3;
const ABOUT_WEIGHT = 1;
/** What a description says the tool does decides alone when its name says nothing. */
const ABOUT_VERB_WEIGHT = 1.5;
const PARAMETER_WEIGHT = 0.5;
/** A long description must not win by its length. */
const MAX_ABOUT_SCORE = 4;
/** A word that all tools share still says a little. */
const MIN_RARITY = 0.3;
/** What is left when a step asks for one kind of action and the tool is known for another. */
const WRONG_VERB_FACTOR = 0.3;
/** Two words of a description, or half a name. */
const MIN_SCORE = 1.5;

/** The tools that a step names, in the order of their names in it. */
export function findNamedTools(step: Step, tools: readonly ToolProfile[]): readonly ToolProfile[] {
  return tools
    .map((tool) => ({ tool, at: placeOfName(step.text, tool.name) }))
    .filter(({ at }) => at >= 0)
    .toSorted((a, b) => a.at - b.at)
    .map(({ tool }) => tool);
}

/** The other tools that may serve a step, best first. */
export function rankTools(step: Step, tools: readonly ToolProfile[]): readonly ToolProfile[] {
  return tools
    .map((tool) => ({ tool, score: scoreTool(step, tool, tools) }))
    .filter(({ score }) => score >= MIN_SCORE)
    .toSorted((a, b) => b.score - a.score)
    .map(({ tool }) => tool);
}

/** How well the words of a step fit a tool; words that few of the offered tools have weigh more. */
export function scoreTool(step: Step, tool: ToolProfile, offered: readonly ToolProfile[]): number {
  let score = 0;
  let about = 0;
  const asked = new Set<string>();
  for (const stem of step.stems) {
    const verb = verbGroupOf(stem);
    if (verb !== undefined) asked.add(verb);
    const fits = (stems: ReadonlySet<string>): boolean =>
      stems.has(stem) || (verb !== undefined && [...stems].some((other) => verbGroupOf(other) === verb));
    const rarity = (of: (profile: ToolProfile) => ReadonlySet<string>): number =>
      Math.max(MIN_RARITY, 1 / offered.filter((other) => fits(of(other))).length);
    if (fits(tool.nameStems)) score += NAME_WEIGHT * rarity((profile) => profile.nameStems);
    if (fits(tool.aboutStems))
      about += (verb === undefined ? ABOUT_WEIGHT : ABOUT_VERB_WEIGHT) * rarity((profile) => profile.aboutStems);
    if (tool.parameterStems.has(stem)) score += PARAMETER_WEIGHT;
  }
  score += Math.min(MAX_ABOUT_SCORE, about);
  const wrongVerb = asked.size > 0 && tool.verbs.size > 0 && [...asked].every((verb) => !tool.verbs.has(verb));
  return wrongVerb ? score * WRONG_VERB_FACTOR : score;
}

/** A name of one plain word ("http", "search") counts only where the step means the tool by it. */
function placeOfName(text: string, name: string): number {
  const escaped = name.replaceAll(/[.*+?^${}()|[\]\\]/g, String.raw`\$&`);
  const plainWord = /^[a-z]+$/.test(name);
  const pattern = plainWord
    ? `(?:\`${escaped}\`|\\b(?:call|use|using|with|via|through|invoke)\\s+(?:the\\s+)?(?:tool\\s+)?${escaped}\\b(?:\\s+tool)?)`
    : `(?<![\\w-])${escaped}(?![\\w-])`;
  return text.search(new RegExp(pattern));
}
