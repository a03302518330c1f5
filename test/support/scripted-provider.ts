import type { AppError } from '../../shared/errors/app-error.ts';
import type { RequestedCall } from '../../shared/model/conversation.ts';
import type { AskOptions, ModelReply, ModelRequest, Provider } from '../../runtime/providers/provider.ts';

/** What a scripted model does when it is asked: answers, fails, or whatever a function decides. */
export type Step =
  | Partial<ModelReply>
  | AppError
  | ((request: ModelRequest, options: AskOptions) => Promise<ModelReply> | ModelReply);

/** A provider whose answers are written down beforehand; `requests` holds what it was asked. */
export function scriptedProvider(
  steps: readonly Step[],
  options: { readonly contextTokens?: number } = {},
): Provider & { readonly requests: ModelRequest[] } {
  const requests: ModelRequest[] = [];
  return {
    name: 'scripted',
    contextTokens: options.contextTokens,
    requests,
    async ask(request, askOptions) {
      requests.push({ ...request, messages: [...request.messages] });
      const step = steps[requests.length - 1];
      if (step === undefined) throw new Error(`The script ends after ${steps.length} requests.`);
      if (step instanceof Error) throw step;
      return typeof step === 'function' ? await step(request, askOptions) : reply(step);
    },
    stats: () => {
      throw new Error('A scripted provider has no statistics.');
    },
    async [Symbol.asyncDispose]() {},
  };
}

/** A complete answer with what a test does not care about filled in. */
export function reply(partial: Partial<ModelReply>): ModelReply {
  const toolCalls = partial.toolCalls ?? [];
  return {
    text: '',
    toolCalls,
    finish: toolCalls.length > 0 ? 'tool calls' : 'stop',
    usage: { inputTokens: 10, outputTokens: 5 },
    firstTokenMs: 1,
    ...partial,
  };
}

/** A call as a model asks for it. */
export function requested(tool: string, args: unknown, providerCallId = `call_${tool}`): RequestedCall {
  return { providerCallId, tool, argumentsJson: JSON.stringify(args) };
}
