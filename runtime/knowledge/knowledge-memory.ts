import { hash } from 'node:crypto';
import type { Passage } from './passages.ts';
import { countWords, VECTOR_SIZE, weighWords } from './word-vector.ts';

/**
 * Documents in one piece of memory that every thread of the process reads in place: texts and vectors of passages. Nothing
 * is written to it after it was made, so that nobody has to wait for anybody.
 */
export interface KnowledgeMemory {
  readonly shared: SharedArrayBuffer;
  readonly passages: number;
  readonly files: number;
  /** Another text for other documents. */
  readonly digest: string;
}

/** A passage that fits a question. */
export interface FoundPassage extends Passage {
  /** How well: 1 for the same words in the same proportions, 0 for none in common. */
  readonly score: number;
}

/** Numbers in the head: passages, and where paths and texts begin. */
const HEAD = 4;
/** Of a passage: where its path begins and ends, its line, where its text begins and ends. */
const PLACE = 5;
const TEXT_START = 3;
/** Vectors are kept in steps of 1/127 of their largest number: a quarter of the memory, and no order that a reader would miss. */
const STEPS = 127;

/** Puts passages into shared memory: about 1 KB a passage beside its text. Needs no more memory than that meanwhile. */
export function createKnowledgeMemory(passages: readonly Passage[]): KnowledgeMemory {
  const { places, paths, textBytes, pathBytes } = layOut(passages);
  const count = passages.length;
  const numberBytes = 4 * (HEAD + VECTOR_SIZE + count + PLACE * count);
  const pathsAt = numberBytes + VECTOR_SIZE * count;
  const shared = new SharedArrayBuffer(pathsAt + pathBytes + textBytes);
  new Int32Array(shared, 0, HEAD).set([count, pathsAt, pathsAt + pathBytes, textBytes]);
  const view = toView(shared);
  view.places.set(places);
  view.rarity.set(measureRarity(passages));
  fillVectors(view, passages);
  for (const [path, at] of paths) view.bytes.write(path, pathsAt + at);
  for (const [passage, { text }] of passages.entries()) {
    view.bytes.write(text, view.textsAt + view.places[passage * PLACE + TEXT_START]!);
  }
  return { shared, passages: count, files: paths.size, digest: hash('sha256', view.bytes, 'base64url') };
}

interface Layout {
  readonly places: Int32Array;
  /** Where each path begins. */
  readonly paths: ReadonlyMap<string, number>;
  readonly pathBytes: number;
  readonly textBytes: number;
}

function layOut(passages: readonly Passage[]): Layout {
  const places = new Int32Array(PLACE * passages.length);
  const paths = new Map<string, number>();
  let [pathBytes, textBytes] = [0, 0];
  for (const [passage, { path, line, text }] of passages.entries()) {
    const bytes = Buffer.byteLength(path);
    let pathStart = paths.get(path);
    if (pathStart === undefined) {
      paths.set(path, (pathStart = pathBytes));
      pathBytes += bytes;
    }
    const textStart = textBytes;
    textBytes += Buffer.byteLength(text);
    places.set([pathStart, pathStart + bytes, line, textStart, textBytes], passage * PLACE);
  }
  return { places, paths, pathBytes, textBytes };
}

/** The passages that fit a question best, the best first; those that have nothing in common with it are left out. */
export function searchKnowledge(shared: SharedArrayBuffer, question: string, limit: number): FoundPassage[] {
  const view = toView(shared);
  const asked = new Float32Array(VECTOR_SIZE);
  const counts = countWords(question);
  weighWords(counts, view.rarity, asked);
  const scores = new Float32Array(view.count);
  for (const place of counts.keys()) addScores(view, place, asked[place]! / STEPS, scores);
  const best: { readonly passage: number; readonly score: number }[] = [];
  for (let passage = 0; passage < view.count; passage++) {
    const score = scores[passage]! * view.scales[passage]!;
    if (score <= 0 || (best.length === limit && score <= best.at(-1)!.score)) continue;
    const at = best.findIndex((one) => one.score < score);
    best.splice(at === -1 ? best.length : at, 0, { passage, score });
    if (best.length > limit) best.pop();
  }
  return best.map(({ passage, score }) => ({ ...readPassage(view, passage), score }));
}

/** A question has few words, and the numbers of one place lie side by side: a search reads a small part of them, in order. */
function addScores({ vectors, count }: KnowledgeView, place: number, weight: number, scores: Float32Array): void {
  if (weight === 0) return;
  const from = place * count;
  for (let passage = 0; passage < count; passage++) scores[passage]! += vectors[from + passage]! * weight;
}

/** The arrays of a memory; they copy nothing. */
interface KnowledgeView {
  readonly count: number;
  readonly bytes: Buffer;
  readonly pathsAt: number;
  readonly textsAt: number;
  readonly rarity: Float32Array;
  /** The largest number of each vector. */
  readonly scales: Float32Array;
  readonly places: Int32Array;
  /** By place: that of every passage. */
  readonly vectors: Int8Array;
}

function toView(shared: SharedArrayBuffer): KnowledgeView {
  const [count = 0, pathsAt = 0, textsAt = 0] = new Int32Array(shared, 0, HEAD);
  let at = 4 * HEAD;
  const take = <View>(make: (at: number) => View, bytes: number): View => {
    const view = make(at);
    at += bytes;
    return view;
  };
  return {
    count,
    pathsAt,
    textsAt,
    bytes: Buffer.from(shared),
    rarity: take((from) => new Float32Array(shared, from, VECTOR_SIZE), 4 * VECTOR_SIZE),
    scales: take((from) => new Float32Array(shared, from, count), 4 * count),
    places: take((from) => new Int32Array(shared, from, PLACE * count), 4 * PLACE * count),
    vectors: take((from) => new Int8Array(shared, from, VECTOR_SIZE * count), VECTOR_SIZE * count),
  };
}

function readPassage({ places, bytes, pathsAt, textsAt }: KnowledgeView, passage: number): Passage {
  const [pathStart = 0, pathEnd = 0, line = 0, textStart = 0, textEnd = 0] = places.subarray(
    passage * PLACE,
    (passage + 1) * PLACE,
  );
  return {
    path: bytes.toString('utf8', pathsAt + pathStart, pathsAt + pathEnd),
    line,
    text: bytes.toString('utf8', textsAt + textStart, textsAt + textEnd),
  };
}

/** The inverse document frequency of each place, smoothed, so that a word of every passage counts a little still. */
function measureRarity(passages: readonly Passage[]): Float32Array {
  const having = new Float64Array(VECTOR_SIZE);
  for (const { text } of passages) for (const place of countWords(text).keys()) having[place]! += 1;
  return Float32Array.from(having, (count) => 1 + Math.log((1 + passages.length) / (1 + count)));
}

/** Counts words once more: keeping the counts of all passages would take many times their memory. */
function fillVectors({ vectors, scales, rarity, count }: KnowledgeView, passages: readonly Passage[]): void {
  const vector = new Float32Array(VECTOR_SIZE);
  for (const [passage, { text }] of passages.entries()) {
    const counts = countWords(text);
    weighWords(counts, rarity, vector);
    let largest = 0;
    for (const place of counts.keys()) largest = Math.max(largest, Math.abs(vector[place]!));
    scales[passage] = largest;
    if (largest === 0) continue;
    for (const place of counts.keys())
      vectors[place * count + passage] = Math.round((vector[place]! / largest) * STEPS);
  }
}
