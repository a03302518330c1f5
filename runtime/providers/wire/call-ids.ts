/**
 * Gives out the ids of one turn's calls: the provider's own where it sent one, unique among them in any case, since a
 * result can be told apart by its id only.
 */
export function createCallIds(): (sent: string) => string {
  const taken = new Set<string>();
  let position = 0;
  return (sent) => {
    position++;
    let id = sent === '' || taken.has(sent) ? `call_${position}` : sent;
    while (taken.has(id)) id += '_';
    taken.add(id);
    return id;
  };
}
