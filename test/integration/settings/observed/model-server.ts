import {
  openScriptedServer,
  type ScriptedAnswer,
  type ScriptedServer,
} from '../../../support/servers/scripted-server.ts';

/** One turn as a model gets it, and the ways to answer it. */
export interface ModelTurn {
  /** What the agent was asked. */
  readonly prompt: string;
  /** What its tools have answered so far, oldest first. */
  readonly toolOutputs: readonly string[];
  /** The bytes, for whoever breaks the rules. */
  readonly raw: ScriptedAnswer;
  readonly say: (text: string) => void;
  /** Asks for one tool call. */
  readonly call: (tool: string, input?: object) => void;
  /** Fails in a way that may pass. */
  readonly fail: () => void;
}

/** A real server that speaks the chat completions of OpenAI and says what the test decides. */
export interface ModelServer extends AsyncDisposable {
  readonly server: ScriptedServer;
  /** The turns that nobody has answered, for a test that answers by hand; each is taken once. */
  next(): Promise<ModelTurn>;
  /** The turns that came and were not taken. */
  readonly waiting: ModelTurn[];
}

interface WireMessage {
  readonly role: string;
  readonly content: string;
}

/** @param respond Answers each turn; without it turns wait until `next` is asked for them. */
export async function openModelServer(
  respond?: (turn: ModelTurn) => void,
  kind: 'h1' | 'https' = 'h1',
): Promise<ModelServer> {
  const waiting: ModelTurn[] = [];
  const takers: ((turn: ModelTurn) => void)[] = [];
  const keep = (turn: ModelTurn): void => {
    const taker = takers.shift();
    if (taker) taker(turn);
    else waiting.push(turn);
  };
  const server = await openScriptedServer({
    kind,
    answer: ({ body }, raw) => (respond ?? keep)(toTurn(body, raw)),
  });
  return {
    server,
    waiting,
    next: async () => waiting.shift() ?? (await new Promise((resolve) => void takers.push(resolve))),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function toTurn(body: string, raw: ScriptedAnswer): ModelTurn {
  const { messages } = JSON.parse(body) as { readonly messages: readonly WireMessage[] };
  const finish = (delta: object, reason: string): void => {
    raw.head(200, { 'content-type': 'text/event-stream' });
    raw.write(toEvent({ choices: [{ index: 0, delta, finish_reason: reason }] }));
    raw.end('data: [DONE]\n\n');
  };
  return {
    prompt: messages.find(({ role }) => role === 'user')?.content ?? '',
    toolOutputs: messages.filter(({ role }) => role === 'tool').map(({ content }) => content),
    raw,
    say: (text) => finish({ content: text }, 'stop'),
    call: (tool, input = {}) => {
      const call = { index: 0, id: 'call_1', function: { name: tool, arguments: JSON.stringify(input) } };
      finish({ tool_calls: [call] }, 'tool_calls');
    },
    fail: () => {
      raw.head(500, { 'content-type': 'application/json' });
      raw.end('{"error":{"message":"out of order"}}');
    },
  };
}

/** One event of a stream. */
export function toEvent(data: object): string {
  return `data: ${JSON.stringify(data)}\n\n`;
}

/** What a fleet is made of, beyond its server. */
export interface AskingFleet {
  readonly count?: number;
  readonly prompt?: string;
  /** The name under which the server is known; another one has lanes, connections and a breaker of its own. */
  readonly provider?: string;
  readonly tools?: readonly string[];
  readonly temperature?: number;
  readonly cache?: object;
  readonly caFile?: string;
  readonly concurrentAgents?: number;
}

/** The text of a fleet of agents that ask `server`. */
export function fleetOf({ server }: ModelServer, fleet: AskingFleet = {}): string {
  const { count = 1, prompt = 'Say something.', provider = 'local', tools = [], temperature, cache, caFile } = fleet;
  const { concurrentAgents = count } = fleet;
  return JSON.stringify({
    flotilla: 1,
    name: 'observed',
    provider,
    model: 'any',
    providers: { [provider]: { protocol: 'openai', baseUrl: `${server.origin}/v1`, http: '1.1', caFile } },
    cache,
    agents: [{ name: 'asker', count, prompt, tools, temperature }],
    limits: { concurrentAgents, turns: 500, toolCalls: 1_000 },
  });
}
