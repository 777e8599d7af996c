/** Returns a function that runs `work` for an owner after `ms`, once however often it is asked meanwhile. Each owner waits for itself. */
export function soon<Owner extends object>(ms: number, work: (owner: Owner) => void): (owner: Owner) => void {
  const waiting = new WeakSet<Owner>();
  return (owner) => {
    if (waiting.has(owner)) return;
    waiting.add(owner);
    setTimeout(() => {
      waiting.delete(owner);
      work(owner);
    }, ms);
  };
}
