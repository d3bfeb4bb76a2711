/** `--dry-run`: the command runs on a hub that keeps nothing, and stops where it would write anything else. */

/** Thrown through a command by whoever runs it, and caught there: the command goes on another time. */
export class Suspended extends Error {
  override readonly name: string = "Suspended";
}

/** Thrown where a dry run has come to its first write outside the hub. All that is checked before it has held. */
export class DryStop extends Error {
  override readonly name = "DryStop";

  /** @param would what would be written next, as the end of “it would …” */
  constructor(readonly would: string) {
    super(`A dry run stops before it would ${would}.`);
  }
}

/** Whatever a dry run would ask of it, it stops there. */
export function stopsAt<T extends object>(real: T, would: string): T {
  return new Proxy(real, {
    get(target, name) {
      const value = Reflect.get(target, name);
      if (typeof value !== "function") return value;
      return () => {
        throw new DryStop(would);
      };
    },
  });
}
