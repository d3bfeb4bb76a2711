import { expect, test } from "bun:test";
import { cpuMs } from "../testing/wait.ts";
import { Lines } from "./lines.ts";

const MIB = 1024 * 1024;

test("lines are the same, in whatever pieces they come", () => {
  const text = "one\n\nzwei äöü 👩\nthe last";
  const bytes = Buffer.from(text);
  for (let size = 1; size <= bytes.length; size++) {
    const lines = new Lines(MIB);
    const read: string[] = [];
    for (let at = 0; at < bytes.length; at += size) read.push(...lines.add(bytes.subarray(at, at + size)));
    expect([...read, lines.rest()]).toEqual(text.split("\n"));
    expect(lines.rest()).toBe("");
  }
});

test("a line that is too long says so before it ends, and is read in a time that grows with its length", () => {
  const read = (bytes: number) => {
    const lines = new Lines(10 * MIB);
    const piece = Buffer.alloc(64, "a");
    for (let at = 0; at < bytes; at += piece.length) for (const _ of lines.add(piece)) throw new Error("no line ended");
    return lines;
  };
  expect(read(10 * MIB).isTooLong).toBe(false);
  expect(read(10 * MIB + 64).isTooLong).toBe(true);
  // Joined anew with each piece it was 16 times.
  const growth = () =>
    cpuMs(() => read(8 * MIB)) /
    Math.max(
      1,
      cpuMs(() => read(2 * MIB)),
    );
  expect(Math.min(growth(), growth(), growth())).toBeLessThan(10);
});
