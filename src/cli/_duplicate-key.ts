/** JSON in which an object names a field twice: a parser keeps the last and says nothing, and of two texts only the author knows which is meant. */

/** The parts of JSON that matter here: a string, or a sign that opens, closes or divides. */
const PART = /"(?:[^"\\]|\\.)*"|[{}[\]:,]/gs;

/**
 * The first name that one object has twice, at any depth, however it is escaped; null where there is none.
 * @param text what `JSON.parse` takes
 */
export function duplicateKey(text: string): string | null {
  /** The names of each object that is open; null for a list. */
  const open: (Set<string> | null)[] = [];
  let last = "";
  for (const [part] of text.matchAll(PART)) {
    if (part === "{") open.push(new Set());
    else if (part === "[") open.push(null);
    else if (part === "}" || part === "]") open.pop();
    // Outside of a string a colon stands behind a name, and nowhere else.
    else if (part === ":") {
      const name = JSON.parse(last) as string;
      const names = open.at(-1);
      if (names?.has(name)) return name;
      names?.add(name);
    }
    last = part;
  }
  return null;
}
