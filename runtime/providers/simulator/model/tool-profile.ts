import type { ToolSchema } from '../../../../shared/model/conversation.ts';
import { toStems, verbGroupOf } from './words.ts';

/** What a parameter is for, as far as its name, description and type tell. */
type ParameterRole = 'path' | 'glob' | 'url' | 'pattern' | 'content' | 'command' | 'from' | 'to' | 'limit' | 'other';

/** One parameter of a tool. */
export interface Parameter {
  readonly name: string;
  readonly role: ParameterRole;
  readonly type: string;
  readonly required: boolean;
  readonly choices: readonly unknown[] | undefined;
  readonly fallback: unknown;
  /** Takes a list of `type`. */
  readonly many: boolean;
}

/** A tool as the model sees it: its words by where they stand, and its parameters. */
export interface ToolProfile {
  readonly name: string;
  readonly nameStems: ReadonlySet<string>;
  readonly aboutStems: ReadonlySet<string>;
  readonly parameterStems: ReadonlySet<string>;
  /** Kinds of action it is known by. */
  readonly verbs: ReadonlySet<string>;
  readonly parameters: readonly Parameter[];
}

const ROLE_WORDS: readonly (readonly [ParameterRole, RegExp])[] = [
  ['url', /\b(?:url|uri|link|address|endpoint|href)\b/],
  ['glob', /\bglobs?\b/],
  ['path', /\b(?:paths?|files?|filename|filepath|folder|directory|dir|source|src|destination|dest|document)\b/],
  ['pattern', /\b(?:pattern|regex|regexp|query|search|term|needle|expression|expr|keyword)\b/],
  ['command', /\b(?:command|cmd|script|code|program)\b/],
  ['content', /\b(?:contents?|text|body|data|message)\b/],
];
const NUMBER_ROLES: readonly (readonly [ParameterRole, RegExp])[] = [
  ['from', /\b(?:from|start|begin|first|offset)\b/],
  ['to', /\b(?:to|end|until|last|stop)\b/],
  ['limit', /\b(?:limit|max|maximum|count|head|top|most)\b/],
];

/** Reads a tool's name, description and JSON Schema. Unknown parts of the schema are ignored. */
export function toToolProfile(tool: ToolSchema): ToolProfile {
  const schema = tool.inputSchema;
  const properties = asRecord(schema['properties']) ?? {};
  const required = new Set(Array.isArray(schema['required']) ? schema['required'] : []);
  const parameters = Object.entries(properties).map(([name, property]) =>
    toParameter(name, asRecord(property) ?? {}, required.has(name)),
  );
  const nameStems = new Set(toStems(tool.name));
  const aboutStems = new Set(toStems(tool.description));
  const nameVerbs = toVerbs(nameStems);
  return {
    name: tool.name,
    nameStems,
    aboutStems,
    parameterStems: new Set(parameters.flatMap((parameter) => toStems(parameter.name))),
    verbs: nameVerbs.size > 0 ? nameVerbs : toVerbs(aboutStems),
    parameters,
  };
}

function toVerbs(stems: Iterable<string>): ReadonlySet<string> {
  return new Set([...stems].flatMap((stem) => verbGroupOf(stem) ?? []));
}

function toParameter(name: string, raw: Readonly<Record<string, unknown>>, required: boolean): Parameter {
  const outer = withoutNull(raw);
  const many = outer['type'] === 'array';
  const schema = many ? (asRecord(outer['items']) ?? {}) : outer;
  const type = typeof schema['type'] === 'string' ? schema['type'] : 'string';
  const about = typeof raw['description'] === 'string' ? raw['description'] : '';
  const choices = Array.isArray(schema['enum']) ? schema['enum'] : 'const' in schema ? [schema['const']] : undefined;
  return { name, role: toRole(name, about, type), type, required, choices, fallback: raw['default'], many };
}

/** Optional fields are often written as a choice between a type and null. */
function withoutNull(schema: Readonly<Record<string, unknown>>): Readonly<Record<string, unknown>> {
  const branches = schema['anyOf'] ?? schema['oneOf'];
  if (Array.isArray(branches)) {
    const branch = branches.map(asRecord).find((each) => each && each['type'] !== 'null');
    return branch ?? schema;
  }
  const type = schema['type'];
  return Array.isArray(type) ? { ...schema, type: type.find((each) => each !== 'null') } : schema;
}

function toRole(name: string, about: string, type: string): ParameterRole {
  const ordered = type === 'number' || type === 'integer' ? NUMBER_ROLES : type === 'string' ? ROLE_WORDS : [];
  const ownWords = name
    .replaceAll(/([a-z0-9])([A-Z])/g, '$1 $2')
    .replaceAll(/[_-]/g, ' ')
    .toLowerCase();
  for (const text of [ownWords, about.toLowerCase()]) {
    const role = ordered.find(([, words]) => words.test(text));
    if (role) return role[0];
  }
  return 'other';
}

function asRecord(value: unknown): Readonly<Record<string, unknown>> | undefined {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
    ? (value as Readonly<Record<string, unknown>>)
    : undefined;
}
