import { expect, test } from "bun:test";
import type { Io } from "../cli/_command.ts";
import { withPage } from "./app.ts";

test("an act that was done is answered as done, whatever its page runs into; the server says what that was", async () => {
  const notes: string[] = [];
  const io = {
    note: (line: string) => void notes.push(line),
    get env(): never {
      throw new TypeError("a bug of the page");
    },
  } as unknown as Io;
  const result = { content: [], structuredContent: { outcome: "ok", post: { id: "abc" } } };
  expect(await withPage(io, result, {})).toBe(result);
  expect(notes.join("\n")).toContain("a bug of the page");
});
