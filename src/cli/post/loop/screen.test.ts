/** Keys in, lines out: the parts of the loop that need no terminal. */
import { expect, test } from "bun:test";
import { fit, fitEnd, printable, wrap, wrapAnswer } from "../../_wrap.ts";
import { type Input, KeyDecoder } from "./keys.ts";
import { middleOf, placesToSplit } from "./split-places.ts";

/** What chunks of input make, in the order they come, once the decoder has nothing to wait for. */
async function inputsFrom(...chunks: (string | Buffer)[]): Promise<Input[]> {
  return await new Promise((resolve) => {
    const inputs: Input[] = [];
    const decoder = new KeyDecoder((input) => {
      if (input.keys[0] === "ctrl-l") resolve(inputs);
      else inputs.push(input);
    });
    for (const chunk of chunks) decoder.write(chunk);
    decoder.write("\x0c");
  });
}

const keysFrom = async (...chunks: (string | Buffer)[]) => (await inputsFrom(...chunks)).flatMap((input) => input.keys);

test("keys are known by name, pasted text comes as its characters, what is not known is left out", async () => {
  expect(await keysFrom("\x1b[A\x1b[1;2Bq")).toEqual(["up", "shift-down", "q"]);
  expect(await keysFrom("\x1bOC\x1b[1;2D\x1b[H\x1b[4~\x1b[5~")).toEqual([
    "right",
    "shift-left",
    "home",
    "end",
    "page-up",
  ]);
  expect(await keysFrom("é👍\r\n\t\x7f \x15\x03")).toEqual([
    "é",
    "👍",
    "enter",
    "enter",
    "tab",
    "backspace",
    " ",
    "ctrl-u",
    "ctrl-c",
  ]);
  expect(await keysFrom("Qq<>[?")).toEqual(["Q", "q", "<", ">", "[", "?"]);
  expect(await keysFrom("\x1b[200~x\x00\x1b[201~\x1b[99;9u\x1bOP")).toEqual(["x"]);
});

test("Esc is a key of its own, also with another key right behind it", async () => {
  const alone = await new Promise((resolve) => new KeyDecoder(resolve).write("\x1b"));
  expect(alone).toEqual({ keys: ["escape"], isPaste: false });
  expect(await keysFrom("\x1ba")).toEqual(["escape", "a"]);
  expect(await keysFrom("\x1b\x7f")).toEqual(["escape", "backspace"]);
  expect(await keysFrom("\x1b\x1b[A")).toEqual(["escape", "up"]);
});

test("over a slow line, a sequence or a character that arrives in pieces is one key", async () => {
  expect(await keysFrom("\x1b", "[", "A", "\x1b[1;", "2C")).toEqual(["up", "shift-right"]);
  expect(await keysFrom(Buffer.from([0xc3]), Buffer.from([0xa9]))).toEqual(["é"]);
});

test("scenario 33: over a line so slow that Esc was given out already, the rest of an arrow is no text", async () => {
  const keys: string[] = [];
  await new Promise<void>((resolve) => {
    const decoder = new KeyDecoder((input) => {
      keys.push(...input.keys);
      if (keys.length > 1) return resolve();
      setImmediate(() => {
        for (const chunk of ["[", "1;", "2", "C"]) decoder.write(chunk);
      });
    });
    decoder.write("\x1b");
  });
  expect(keys).toEqual(["escape", "shift-right"]);
});

test("scenario 33: a sequence whose middle comes late is one key, and a line is given half a second before Esc is a key", async () => {
  // Nothing comes between two chunks but what the decoder gives out by itself.
  const keys: string[] = [];
  const decoder = new KeyDecoder((input) => keys.push(...input.keys));
  const startedAtMs = performance.now();
  decoder.write("\x1b[1;");
  await new Promise<void>((resolve) => new KeyDecoder(() => resolve()).write("\x1b"));
  expect(performance.now() - startedAtMs).toBeGreaterThan(450);
  expect(keys).toEqual([]);
  decoder.write("2B");
  decoder.write("B");
  expect(keys).toEqual(["shift-down", "B"]);
});

test("scenario 33: a paste is one input, in brackets or not, in one piece or several", async () => {
  expect(await inputsFrom("Have a nice day")).toEqual([{ keys: [..."Have a nice day"], isPaste: false }]);
  const inBrackets = [{ keys: [..."an", "enter", "n"], isPaste: true }];
  expect(await inputsFrom("\x1b[200~an\rn\x1b[201~")).toEqual(inBrackets);
  expect(await inputsFrom("\x1b[20", "0~a", "n", "\r", "n\x1b[2", "01~")).toEqual(inBrackets);
  // What stands right behind the bracket came with it; its end may be lost, and then Ctrl-C leaves.
  expect(await inputsFrom("\x1b[200~a\x1b[201~n")).toEqual([{ keys: ["a", "n"], isPaste: true }]);
  expect(await inputsFrom("\x1b[200~a", "\x03")).toEqual([{ keys: ["ctrl-c"], isPaste: false }]);
});

test("a text cannot drive the terminal that shows it", () => {
  const shown = printable("a\x1b[2Jb\u009bc\u202ed\re\tf");
  expect(shown).toBe("a\u{fffd}[2Jb\u{fffd}c\u{fffd}d\ne    f");
});

test("no line is wider than the screen, whatever the script, and no character is lost", () => {
  const texts = [
    "Plain words that go on and on.",
    "潮は一日に二度満ちる。誰も礼を言わない。",
    "x".repeat(50),
    "👩‍👩‍👧‍👦".repeat(9),
    "",
  ];
  for (const text of texts) {
    for (const width of [2, 7, 20, 80]) {
      const lines = wrap(text, width);
      for (const line of lines) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(width);
      expect(lines.join("").replace(/\s/g, "")).toBe(text.replace(/\s/g, ""));
    }
  }
});

test("a line that is cut never ends within a character, and fits", () => {
  for (const text of ["plain words", "潮は一日に二度満ちる", "สวัสดีชาวโลก", "👩‍👩‍👧‍👦".repeat(4), "🇩🇪🇫🇷🇯🇵"]) {
    const graphemes = Array.from(new Intl.Segmenter("und").segment(text), ({ segment }) => segment);
    for (let width = 2; width <= Bun.stringWidth(text) + 1; width++) {
      const [start, end] = [fit(text, width), fitEnd(text, width)];
      for (const line of [start, end]) expect(Bun.stringWidth(line)).toBeLessThanOrEqual(width);
      const shown = start.replace("…", "");
      expect(graphemes.map((_, count) => graphemes.slice(0, count + 1).join(""))).toContain(
        shown || graphemes[0] || "",
      );
      expect(text.endsWith(end)).toBe(true);
    }
    expect(fit(text, Bun.stringWidth(text))).toBe(text);
  }
});

test("a finished answer is broken between words under its indent; an address stays whole", () => {
  const url = "https://x.com/i/oauth2/authorize?client_id=abcdefghijklmnopqrstuvwxyz";
  expect(wrapAnswer(`[2/5] one two three\n      four five six\n${url}`, 14).split("\n")).toEqual([
    "[2/5] one two",
    "three",
    "      four",
    "      five six",
    url,
  ]);
  expect(wrapAnswer("one two", Number.POSITIVE_INFINITY)).toBe("one two");
});

test("a tweet is split before a word, first offered where a sentence begins near its middle", () => {
  const text = "One. Two three four. Five six seven eight nine ten.";
  const places = placesToSplit(text);
  expect(places.every((place) => /\s/.test(text[place - 1] ?? ""))).toBe(true);
  expect(text.slice(places[middleOf(text, places)])).toStartWith("Five");
  expect(placesToSplit("潮は一日に二度満ちる").length).toBeGreaterThan(1);
  expect(placesToSplit("word")).toEqual([]);
});
