// Holds as many bytes as it is told, every page of them touched, until its standard input ends.
const bytes = Number(process.argv[2]);
const PIECE_BYTES = 16 * 2 ** 20;

// It begins when it is told to: by then whoever started it has put it into its group.
const held: Buffer[] = [];
process.stdin.once('data', () => {
  for (let left = bytes; left > 0; left -= PIECE_BYTES) {
    held.push(Buffer.alloc(Math.min(left, PIECE_BYTES), 1));
  }
  process.stdout.write(`${held.length}\n`);
});
// Named to the end, so that none of it is collected.
process.stdin.once('end', () => process.exit(held.length > 0 ? 0 : 1));
