/** A field that is not there, of a command's input or of its answer: with the name that was meant, else with all that there are. */
import { PsnError } from "../core/errors.ts";
import { distance } from "./_distance.ts";

const SHOWN_CHARS_MAX = 40;

/** @param said a sentence of the field's name, in quotes and cut */
export function unknownField(
  command: string,
  field: string,
  known: readonly string[],
  said: (quoted: string) => string,
): PsnError {
  const near = known.filter((one) => distance(one, field) <= 2);
  return new PsnError("USAGE", said(`"${field.slice(0, SHOWN_CHARS_MAX)}"`), {
    hint: near.length > 0 ? `Did you mean ${near.join(" or ")}?` : `It has ${known.join(", ") || "none"}.`,
    next: [`psn schema ${command}`],
  });
}
