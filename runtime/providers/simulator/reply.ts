import type { Turn } from './model/turn.ts';

/** A tool call of an answer, its arguments cut as they are streamed. */
interface ReplyCall {
  readonly id: string;
  readonly tool: string;
  readonly fragments: readonly string[];
}

/** One answer, ready for either protocol. A piece of text and a fragment of arguments count one token each. */
export interface Reply {
  readonly id: string;
  readonly model: string;
  readonly createdAtSec: number;
  readonly pieces: readonly string[];
  readonly calls: readonly ReplyCall[];
  readonly finish: 'stop' | 'tool calls' | 'output limit';
  readonly inputTokens: number;
  readonly outputTokens: number;
}

/** What a reply needs beside the turn. */
export interface ReplyFrame {
  readonly id: string;
  readonly model: string;
  readonly createdAtSec: number;
  readonly inputTokens: number;
  readonly maxOutputTokens: number;
  /** A new id for a tool call. */
  readonly nextCallId: () => string;
}

/** Twelve characters, so that keys and values are cut in their middle. */
const FRAGMENT = /[\s\S]{1,12}/gu;
/** Words up to this length are one piece, as common words are one token. */
const PIECE = /\s*\S{1,8}/gu;

/** Cuts a turn into tokens and ends it at `maxOutputTokens`; a call that is cut keeps its beginning, as real providers do. */
export function toReply(turn: Turn, frame: ReplyFrame): Reply {
  let left = frame.maxOutputTokens;
  const take = (all: readonly string[]): readonly string[] => {
    const kept = all.length <= left ? all : all.slice(0, left);
    left -= kept.length;
    return kept;
  };
  const wantedPieces = cutText(turn.text);
  const pieces = take(wantedPieces);
  let cut = pieces.length < wantedPieces.length;
  const calls: ReplyCall[] = [];
  for (const call of turn.calls) {
    if (cut) break;
    const wanted = cutArguments(call.argumentsJson);
    const fragments = take(wanted);
    cut = fragments.length < wanted.length;
    if (fragments.length > 0) calls.push({ id: frame.nextCallId(), tool: call.tool, fragments });
  }
  return {
    id: frame.id,
    model: frame.model,
    createdAtSec: frame.createdAtSec,
    pieces,
    calls,
    finish: cut ? 'output limit' : calls.length > 0 ? 'tool calls' : 'stop',
    inputTokens: frame.inputTokens,
    outputTokens: frame.maxOutputTokens - left,
  };
}

/** Text as tokens; together they are the text. */
export function cutText(text: string): readonly string[] {
  const pieces = text.match(PIECE) ?? [];
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return length === text.length ? pieces : [...pieces, text.slice(length)];
}

/** Never inside a surrogate pair, which some JSON readers refuse. */
function cutArguments(json: string): readonly string[] {
  return json.match(FRAGMENT) ?? [];
}
