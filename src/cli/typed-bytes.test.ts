import { expect, test } from "bun:test";
import { requireUtf8 } from "./_typed-bytes.ts";

const lineOf =
  (...words: (string | Buffer)[]) =>
  async () =>
    Buffer.concat(words.flatMap((word) => [Buffer.from(word as string), Buffer.from([0])]));
const BROKEN = Buffer.from("caf\u00E9 now", "latin1");
const READ = BROKEN.toString();
const refusal = (argv: string[], bytes: () => Promise<Buffer>) =>
  requireUtf8(argv, {}, bytes).then(
    () => null,
    ({ code, message, details }) => ({ code, message, details }),
  );

test("an argument that is no UTF-8 is named with its place", async () => {
  const argv = ["preview", "", READ];
  expect(await refusal(argv, lineOf("/bin/node", "psn.mjs", "preview", "", BROKEN))).toEqual({
    code: "TEXT_NOT_UTF8",
    message: "Argument 3 is not UTF-8 text (line 1, column 4).",
    details: { byte: 3, line: 1, column: 4 },
  });
});

test("U+FFFD that was typed is taken where the bytes prove it, and refused where they cannot be had", async () => {
  const argv = ["preview", "caf\uFFFD now"];
  expect(await refusal(argv, lineOf("/bin/node", "psn.mjs", ...argv))).toBeNull();
  const unknown = { code: "TEXT_NOT_UTF8", message: expect.stringContaining("Argument 2 holds U+FFFD") };
  expect(await refusal(argv, () => Promise.reject(new Error("no /proc")))).toMatchObject(unknown);
  // Another's line, as of a process that changed its title.
  expect(await refusal(argv, lineOf("psn", "worker"))).toMatchObject(unknown);
  expect(await refusal(argv, lineOf("node", "psn.mjs", "other", argv[1] as string))).toMatchObject(unknown);
});
