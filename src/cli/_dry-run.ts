/** `--dry-run`: the command runs on a hub that keeps nothing, and stops where it would write anything else. */
import { DryStop } from "../core/errors.ts";

/** Thrown through a command by whoever runs it, and caught there: the command goes on another time. */
export class Suspended extends Error {
  override readonly name: string = "Suspended";
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

/** Asks X, which a dry run does not: it goes on, and its answer says what was not asked. @param what as the end of “X was not asked …” */
export async function orUnchecked(app: { unchecked: string[] }, what: string, ask: () => Promise<void>): Promise<void> {
  try {
    await ask();
  } catch (error) {
    if (!(error instanceof DryStop)) throw error;
    app.unchecked.push(what);
  }
}
