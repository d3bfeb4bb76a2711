/** Scenario 41: what begins with a dash is the author's words, an option, or refused with how to give the words. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { PsnError } from "../core/errors.ts";
import { howMany } from "../testing/counts.ts";
import type { Command } from "./_command.ts";
import { parseInput } from "./_parse.ts";
import { createCommand } from "./post/create.ts";
import { scheduleCommand } from "./post/schedule.ts";
import { splitCommand } from "./post/split.ts";
import { textCommand } from "./post/text.ts";

const read = (command: Command, ...argv: string[]) => parseInput(command, "post create", argv).input;
function refused(command: Command, ...argv: string[]): PsnError {
  try {
    read(command, ...argv);
  } catch (error) {
    if (error instanceof PsnError) return error;
    throw error;
  }
  throw new Error(`it was taken: ${argv.join(" ")}`);
}

describe("scenario 41: words", () => {
  const WORDS = [
    "- bread\n- milk",
    "-5 °C tonight",
    "-1",
    "-> see the thread",
    "-@acme",
    "-- signature",
    "--- a line",
    "-help me",
    "-foo is a flag",
    "-a new release",
    "-m is short for media",
    "— a quotation",
    "—at noon we meet",
    "–",
    "−5 °C",
    "--no\nline",
    "---",
  ];
  for (const text of WORDS) {
    test(JSON.stringify(text), () => {
      expect(read(createCommand, text, "--json").text).toBe(text);
      expect(read(textCommand, "7k3m", "2", text)).toMatchObject({ text, tweet: 2 });
    });
  }

  test("values of options", () => {
    expect(read(createCommand, "Hi", "-m", "a.png", "--alt", "-5 degrees").alt).toEqual(["-5 degrees"]);
    expect(read(createCommand, "Hi", "--poll", "-1|+1").poll).toBe("-1|+1");
    expect(read(splitCommand, "7k3m", "1", "--before", "- it").before).toBe("- it");
    expect(read(createCommand, "--alt=-foo", "-m", "a.png").alt).toEqual(["-foo"]);
  });

  test("behind -- all are words", () => {
    expect(read(createCommand, "--json", "--", "--now").text).toBe("--now");
    expect(read(createCommand, "--", "--now").now).toBe(false);
  });
});

describe("scenario 41: neither for sure", () => {
  const CASES: [string, string][] = [
    ["-foo", "-f oo"],
    ["-fessay.md", "-f essay.md"],
    ["-at", "--at"],
    ["--att", "--at"],
    ["--fle", "--file"],
    ["--flie=x", "--file"],
    ["—at", "--at"],
    ["–at", "--at"],
    ["−−at", "--at"],
    ["––at", "--at"],
    ["-—at", "--at"],
    ["---at", "--at"],
    ["—file=x.md", "--file"],
    ["--at tomorrow 9am", "--at"],
    ["--now and then", "--now"],
    ["-milk", "-m ilk"],
    ["--unheard-of", "--"],
  ];
  for (const [arg, meant] of CASES) {
    test(arg, () => {
      const error = refused(createCommand, "Hi", arg, "x");
      expect(error.code).toBe("USAGE");
      expect(error.hint).toContain(meant === "--" ? "" : `Did you mean ${meant}`);
      expect(error.hint).toContain("put -- before it");
    });
  }

  test("a value that may be an option is not swallowed", () => {
    for (const value of ["--json", "-foo", "--fle", "--"]) {
      const error = refused(createCommand, "Hi", "--alt", value);
      expect(error.message).toBe("--alt needs a value.");
    }
    expect(refused(scheduleCommand, "7k3m", "—at", "tomorrow 9am").hint).toContain("Did you mean --at?");
  });

  test("whatever is given, only words that are an option's exact name are one", () => {
    const piece = fc.oneof(
      fc.string({ maxLength: 12 }),
      fc.constantFrom("-", "--", "—", "now", "file", " ", "\n", "m"),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 4 }), (pieces) => {
        const arg = `-${pieces.join("")}`;
        try {
          const { text, ...others } = read(createCommand, arg) as { text?: string; now: boolean };
          if (text !== undefined) expect(arg === "--" ? undefined : text).toBe(text);
          if (others.now) expect(arg).toBe("--now");
        } catch (error) {
          if (!(error instanceof PsnError)) throw error;
          expect(error.hint).toBeTruthy();
        }
      }),
      { numRuns: howMany(700, 20_000) },
    );
  });
});
