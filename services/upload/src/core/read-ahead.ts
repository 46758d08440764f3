export interface ReadAhead<Item> {
  readonly read: (item: Item) => Promise<Uint8Array>;
  /** Bytes that `read` will answer. */
  readonly sizeOf: (item: Item) => number;
  /** Most bytes read and not yet used, in flight included. One item is read even when it is larger. */
  readonly maxBytes: number;
  /** Most reads at the same time. */
  readonly maxReads: number;
}

/**
 * Reads items in order and answers each with its bytes, while the next ones are being read. Bounded by bytes as well as by
 * count, which is why it is not a library's: those know counts only. Throws what the first read that fails throws.
 */
export async function* readAhead<Item>(
  items: readonly Item[],
  { read, sizeOf, maxBytes, maxReads }: ReadAhead<Item>,
): AsyncGenerator<readonly [Item, Uint8Array]> {
  const ahead: { item: Item; bytes: Promise<Uint8Array> }[] = [];
  let next = 0;
  let held = 0;
  const start = (): void => {
    for (let item = items[next]; item !== undefined && ahead.length < maxReads; item = items[++next]) {
      if (held > 0 && held + sizeOf(item) > maxBytes) return;
      held += sizeOf(item);
      const bytes = read(item);
      // Whoever reaches it hears of its failure; until then it must not count as unhandled.
      bytes.catch(() => undefined);
      ahead.push({ item, bytes });
    }
  };
  start();
  for (let first = ahead[0]; first !== undefined; first = ahead[0]) {
    // It counts among the reads until it is there, and among the bytes until it has been used.
    const bytes = await first.bytes;
    ahead.shift();
    start();
    yield [first.item, bytes];
    held -= sizeOf(first.item);
    start();
  }
}
