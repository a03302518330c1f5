import { isUtf8 } from 'node:buffer';
import { z } from 'zod';
import { AppError } from '../../../shared/errors/app-error.ts';
import type { HttpClients } from '../http-clients.ts';
import { toCharacterBoundary } from '../output-cap.ts';
import type { Tool } from '../tool.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'] as const;
/** What tells a model something about the body or what to do next. */
const SHOWN_HEADERS = [
  'content-type',
  'content-length',
  'etag',
  'last-modified',
  'location',
  'retry-after',
  'www-authenticate',
];
const MAX_HEADER_CHARS = 500;
/** Room for the head lines inside the output's cap. */
const HEAD_BYTES = 1_000;

const input = z.strictObject({
  url: z.string().min(1).max(10_000).describe('Address; http or https.'),
  method: z.enum(METHODS).default('GET'),
  headers: z.record(z.string().max(200), z.string().max(10_000)).default({}).describe('Request headers.'),
  body: z.string().optional().describe('Request body, sent as UTF-8.'),
});

type HttpInput = z.infer<typeof input>;

/** Sends one HTTP request. Where it may go is judged by the client, at the address that is really connected to. */
export function httpTool(clients: HttpClients): Tool<HttpInput> {
  return {
    name: 'http',
    description: 'Sends an HTTP request and answers its status, some headers and its body, when that is text.',
    input,
    lane: 'io',
    repeatable: false,
    async run({ url, method, headers, body }, { allow, signal, maxOutputBytes }) {
      if (body !== undefined && (method === 'GET' || method === 'HEAD')) {
        throw new AppError('TOOL_ARGUMENTS_INVALID', `${method} has no body; use POST, PUT or PATCH to send one.`);
      }
      const rules = { allowLoopback: allow.has('http-loopback'), allowPrivate: allow.has('http-private') };
      const maxBytes = Math.max(1, maxOutputBytes - HEAD_BYTES);
      const answer = await clients.clientFor(rules).request({ url, method, headers, body, signal, maxBytes });
      const shown = SHOWN_HEADERS.flatMap((name) => toHeaderLine(name, answer.headers[name]));
      const head = [`HTTP ${answer.status} ${answer.url.slice(0, MAX_HEADER_CHARS)}`, ...shown].join('\n');
      const text = `${head}\n\n${toText(answer.body, answer.cut)}`;
      return answer.cut
        ? {
            text,
            outputBytes: Buffer.byteLength(text) + bytesCut(answer.headers['content-length'], answer.body.length),
          }
        : { text };
    },
  };
}

function toHeaderLine(name: string, value: string | readonly string[] | undefined): string[] {
  if (value === undefined) return [];
  const text = typeof value === 'string' ? value : value.join(', ');
  return [`${name}: ${text.slice(0, MAX_HEADER_CHARS)}`];
}

function toText(body: Buffer, isCut: boolean): string {
  const whole = isCut ? body.subarray(0, toCharacterBoundary(body, body.length - 1)) : body;
  return isUtf8(whole) && !whole.includes(0)
    ? whole.toString('utf8')
    : `[${body.length} bytes that are not UTF-8 text]`;
}

/** How much of the body was not read: from its stated length, else at least one byte. */
function bytesCut(contentLength: string | readonly string[] | undefined, readBytes: number): number {
  const stated = Number(contentLength);
  return Number.isSafeInteger(stated) && stated > readBytes ? stated - readBytes : 1;
}
