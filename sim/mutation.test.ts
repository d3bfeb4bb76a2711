// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the sources under test hold templates.
/** A mutant fits its file whatever the layout, and says so when it does not fit. */
import { expect, test } from "bun:test";
import { join } from "node:path";
import { MUTANT_NAMES, MUTANTS, mutated, sourceOf } from "./mutants.ts";
import { applyEdit, tokensOf } from "./mutation.ts";

const BIOME = join(import.meta.dir, "..", "node_modules", ".bin", "biome");

/** The same program as another team would lay it out. */
async function reformatted(file: string, source: string): Promise<string> {
  const options = ["--line-width=50", "--indent-style=tab", "--trailing-commas=none", "--semicolons=always"];
  const child = Bun.spawn([BIOME, "format", `--stdin-file-path=${file}`, ...options], {
    stdin: new Blob([source]),
    stdout: "pipe",
    stderr: "pipe",
  });
  const output = await new Response(child.stdout).text();
  expect(await child.exited).toBe(0);
  // Templates are left alone by a formatter, but not by a person.
  return output.replace(/\n\s+(and|from|where|order by|for update)\b/g, "   $1");
}

/** The tokens that are counted more often, or less often, after a change. */
function changeOf(before: string, after: string): { gone: string[]; come: string[] } {
  const minus = (from: readonly string[], what: readonly string[]) => {
    const left = [...from];
    for (const text of what) if (left.includes(text)) left.splice(left.indexOf(text), 1);
    return left.sort();
  };
  return { gone: minus(textsOf(before), textsOf(after)), come: minus(textsOf(after), textsOf(before)) };
}

const textsOf = (source: string) => tokensOf(source).map(({ text }) => text);

for (const name of MUTANT_NAMES) {
  test(`the mutant "${name}" changes its files, also when they are laid out in another way`, async () => {
    const { edits } = MUTANTS[name];
    for (const file of new Set(edits.map((edit) => edit.file))) {
      const ofFile = edits.filter((edit) => edit.file === file);
      const source = await sourceOf(file);
      const other = await reformatted(file, source);
      expect(other).not.toBe(source);
      const change = changeOf(source, mutated(source, ofFile));
      expect(change.gone.length + change.come.length).toBeGreaterThan(0);
      expect(changeOf(other, mutated(other, ofFile))).toEqual(change);
    }
  }, 300_000);
}

const edit = (from: string, to = "false") => ({ file: "a.ts", from, to });

test("layout, comments and trailing commas do not matter, in code, strings and templates", () => {
  for (const source of [
    "if (isReady(post, now)) send();",
    "if (\n  isReady(\n    post, // whose\n    now,\n  )\n)\n  send();",
    "if (isReady(post, /* by the hub */ now)) { send(); }",
  ]) {
    expect(applyEdit(source, edit("isReady(post, now)"))).toContain("false");
  }
  const sql = "sql`where ${row}.due_at\n    <= psn.now()\n  and state = 'open'`";
  expect(applyEdit(sql, edit("and state = 'open'", ""))).toBe("sql`where ${row}.due_at\n    <= psn.now()\n  `");
  expect(applyEdit(sql, edit("${row}.due_at <= psn.now()", "true"))).toStartWith("sql`where true");
});

test("slashes, quotes and braces inside strings, templates and regular expressions are only text", () => {
  const source = [
    'const url = "https://example.com/{a}"; // it\'s a comment, with a ` in it',
    "const nested = `a ${b ? `c ${'}'}` : {}} // no comment`;",
    "const pattern = /[/'\"`{]+\\/x/g;",
    "const half = a / b / c;",
    "const last = isLast;",
  ].join("\n");
  expect(applyEdit(source, edit("isLast"))).toBe(source.replace("isLast", "false"));
  expect(textsOf(source)).not.toContain("comment,");
  expect(textsOf(source)).toContain("example");
});

test("an edit that does not fit, or fits twice, throws", () => {
  expect(() => applyEdit("a(b)", edit("a(c)"))).toThrow("does not fit a.ts any more");
  expect(() => applyEdit("a(b); a(b)", edit("a(b)"))).toThrow("fits a.ts 2 times");
  expect(() => applyEdit("a(b)", edit(" // nothing"))).toThrow("looks for nothing");
});
