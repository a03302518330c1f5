/** What decides which entry goes when room is needed. */
export interface Policy {
  /** Takes an entry up, after a miss; room for it was made before. */
  add(slot: number): void;
  /** An entry was used. */
  hit(slot: number): void;
  /** Lets go of an entry that left for another reason than eviction. */
  remove(slot: number): void;
  /** Chooses the entry to evict and lets go of it; `NONE` when it has none. */
  takeVictim(): number;
}
