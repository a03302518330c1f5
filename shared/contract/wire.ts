import { z } from 'zod';
import { AppError, type ErrorData } from '../errors/app-error.ts';
import { ERROR_CODES, type ErrorCode } from '../errors/error-codes.ts';

/** Longest message either side accepts, in bytes of JSON; a longer one ends the connection. */
export const MAX_MESSAGE_BYTES = 16 * 2 ** 20;

const callId = z.number().int().min(1).max(Number.MAX_SAFE_INTEGER);
const entry = z.string().min(3).max(100);

const errorData = z.object({
  code: z.string().max(64),
  message: z.string(),
  details: z.record(z.string(), z.unknown()).optional(),
});

/** What a client says. `hello` comes first; `ack` hands back room in a stream's buffer. */
export const clientMessage = z.discriminatedUnion('type', [
  z.strictObject({ type: z.literal('hello'), version: z.number().int(), client: z.string().max(200) }),
  z.strictObject({
    type: z.literal('call'),
    id: callId,
    entry,
    input: z.unknown(),
    requestId: z.string().min(8).max(64).optional(),
  }),
  z.strictObject({
    type: z.literal('open'),
    id: callId,
    entry,
    input: z.unknown(),
    credit: z.number().int().min(1).max(100_000),
  }),
  z.strictObject({ type: z.literal('ack'), id: callId, items: z.number().int().min(1).max(100_000) }),
  z.strictObject({ type: z.literal('cancel'), id: callId }),
]);
/** A message from a client, parsed. */
export type ClientMessage = z.infer<typeof clientMessage>;

/** What a server says. An `error` with id 0 concerns the connection, which then ends. */
export const serverMessage = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('welcome'),
    version: z.number().int(),
    program: z.string().max(200),
    pid: z.number().int(),
  }),
  z.strictObject({ type: z.literal('result'), id: callId, output: z.unknown() }),
  z.strictObject({ type: z.literal('error'), id: z.number().int().min(0), error: errorData }),
  z.strictObject({
    type: z.literal('items'),
    id: callId,
    items: z.array(z.unknown()).max(100_000),
    /** Items that a full buffer forgot before these, of a stream that declares `drop-oldest`. */
    dropped: z.number().int().min(0),
  }),
  z.strictObject({ type: z.literal('end'), id: callId }),
]);
/** A message from a server, parsed. */
export type ServerMessage = z.infer<typeof serverMessage>;

/** The error a peer sent; a code this side does not know becomes `INTERNAL`, its own code kept in the details. */
export function fromWireError(error: z.infer<typeof errorData>): AppError {
  const known = Object.hasOwn(ERROR_CODES, error.code);
  const data: ErrorData = {
    code: known ? (error.code as ErrorCode) : 'INTERNAL',
    message: error.message,
    details: known ? error.details : { ...error.details, code: error.code },
  };
  return AppError.fromData(data);
}
