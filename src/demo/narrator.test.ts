/** What a person reads of the demo, on wide and narrow terminals. */
import { expect, test } from "bun:test";
import { makePaint } from "../cli/_paint.ts";
import type { DemoAnswer } from "./answer.ts";
import { Narrator } from "./narrator.ts";

const POST = { id: "7k3mxyz", status: "published", scheduledFor: null, firstOnXAt: null, problems: [], held: true };
const ANSWER = {
  held: true,
  durationMs: 9_100,
  posts: [
    { ...POST, name: "The text", how: "at once, with an image", tweetsOnX: 24, latenessMs: null },
    { ...POST, name: "The crossing", how: "scheduled, worker killed", tweetsOnX: 6, latenessMs: 12 },
    { ...POST, name: "The regret", how: "scheduled, cancelled", tweetsOnX: 0, latenessMs: null, status: "draft" },
  ],
  comparison: {
    checks: [{ name: "text", says: "each thread, joined, equals its source to the byte", held: true }],
    problems: [],
  },
} as unknown as DemoAnswer;
const STEP = "worker 4711 found tweet 4 on X, kept it, and sent the last 2";

function told(width: number): string[] {
  const lines: string[] = [];
  const say = (line: string) => void lines.push(...line.split("\n"));
  const narrator = new Narrator({ say, paint: makePaint(true), width, cwd: "/" });
  narrator.begin();
  narrator.line("Take over", STEP, 9_120);
  narrator.end(ANSWER);
  return lines;
}

for (const width of [40, 80, 120]) {
  test(`on ${width} columns no line is too wide, and no word is lost or broken`, () => {
    const lines = told(width);
    for (const line of lines) expect(Bun.stringWidth(line)).toBeLessThan(width);
    const words = Bun.stripANSI(lines.join(" ")).replace(/\s+/g, " ");
    for (const wanted of [STEP, "each tweet once, joined equal to its source", "12 ms late", "nothing changed."]) {
      expect(words).toContain(wanted);
    }
  });
}
