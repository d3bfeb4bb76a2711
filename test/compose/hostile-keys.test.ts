/** Random input against the loop, in this process on a hub and a sandbox of its own: nothing is published, whatever comes. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { EventEmitter } from "node:events";
import { openApp } from "../../src/cli/_app.ts";
import type { Tty } from "../../src/cli/post/loop/keyboard.ts";
import { runLoop } from "../../src/cli/post/loop/loop.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { howMany } from "../../src/testing/counts.ts";
import { ioOf, runnerOf } from "./stage.ts";

const CHUNKS = howMany(200, 10_000);
const CHUNKS_OF_A_LOOP = 60;
const TEXT = "One sentence. Another one.\n---\nThe second tweet has words, too.\n---\nAnd the third.";

let home: TestHome;
beforeAll(async () => {
  home = await testHome();
  await home.signIn();
});
afterAll(() => home.close());

/** Numbers of one seed (mulberry32), so that a failure can be seen again. */
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) % below;
  };
}

const WORDS =
  "Have a nice day|another|and then|can you join this?|publish|y|yes|now|at 9am|tomorrow 9am|half|take|make|say any|see them".split(
    "|",
  );
const PIECES = [
  "\r",
  "\n",
  "\t",
  "\x1b",
  "\x1b[A",
  "\x1b[B",
  "\x1b[C",
  "\x1b[1;2D",
  "\x1b[200~",
  "\x1b[201~",
  "\x7f",
  "\x15",
  "\x12",
  "[",
  "O",
  "a",
  "p",
  "t",
  "A",
  "y",
  "n",
  "e",
  "E",
  "i",
  "o",
  "x",
  "m",
  "d",
  "u",
  "U",
  "s",
  "j",
  "<",
  ">",
  "B",
  "C",
  "R",
  "F",
  "é",
  "👍",
  "publish\r",
  "a\r",
  "ap",
  "apublish\r",
  "at9am\ry",
];

/** As chunks come from a terminal: one key (unless `isText`), several, a paste with brackets or without, or in pieces. */
function chunkOf(random: (below: number) => number, isText: boolean): string {
  const pick = (list: readonly string[]) => list[random(list.length)] ?? "";
  switch (isText ? 1 + random(5) : random(6)) {
    case 0:
      return pick(PIECES);
    case 1:
      return `${pick(WORDS)}${pick(PIECES)}${pick(WORDS)}`;
    case 2:
      return `\x1b[200~${pick(WORDS)}\r${pick(WORDS)}\x1b[201~${pick(["", "\r", "a"])}`;
    case 3:
      return `${pick(WORDS)}\r`;
    case 4:
      return Array.from({ length: 2 + random(40) }, () => String.fromCodePoint(1 + random(250))).join("");
    default:
      return Array.from({ length: 2 + random(6) }, () => pick(PIECES)).join("");
  }
}

function fakeTty(): { tty: Tty; send(chunk: string): void } {
  const input = Object.assign(new EventEmitter(), { setRawMode: () => {}, resume: () => {}, pause: () => {} });
  const output = Object.assign(new EventEmitter(), { columns: 80, rows: 24, write: () => {} });
  const tty = { input, output, quietMs: 1, interrupt: () => {} } as unknown as Tty;
  return { tty, send: (chunk) => input.emit("data", Buffer.from(chunk)) };
}

test(`scenario 33, 34: ${CHUNKS} random chunks publish, schedule and take back nothing`, async () => {
  const random = randomOf(33);
  const app = await openApp({ env: home.env });
  const io = ioOf(home, { env: { ...home.env, EDITOR: "true" }, json: false, interactive: true });
  try {
    for (let sent = 0, loops = 0; sent < CHUNKS; loops++) {
      // A post that has its time must keep it, and its words: texts alone, however many, are no answer to any question.
      const isScheduled = loops % 3 === 2;
      const time = isScheduled ? ["--at", "in 20 days"] : [];
      const { post } = await runnerOf(home).post("create", `${TEXT} ${sent}`, ...time);
      const { tty, send } = fakeTty();
      let isOver = false;
      const loop = runLoop(io, app, post.id, tty)
        .catch((error: { code?: string }) => {
          if (error.code !== "CANCELLED") throw error;
        })
        .finally(() => {
          isOver = true;
        });
      for (let count = 0; count < CHUNKS_OF_A_LOOP && sent < CHUNKS && !isOver; count++, sent++) {
        send(chunkOf(random, isScheduled));
        // A person sees what came of it, or goes on at once.
        await Bun.sleep([0, 3, 40][random(3)] ?? 0);
      }
      // The first may end a paste, or a sequence, that the last chunk began.
      for (let tries = 0; tries < 500 && !isOver; tries++) {
        send("\x03");
        await Bun.sleep(20);
      }
      expect(isOver).toBe(true);
      await loop;
      const { post: after } = await runnerOf(home).post("show", post.id);
      expect(after.status).toBe(isScheduled ? "scheduled" : "draft");
      if (isScheduled) expect(after.contentVersion).toBe(post.contentVersion);
    }
  } finally {
    await app.close();
  }
  const { accounts } = home.sandbox.sandbox.report();
  expect(accounts.sandbox_author?.posts ?? []).toEqual([]);
  const { rows } = await home.hub.pool.query(
    "select id from psn.posts where status not in ('draft', 'scheduled') and parent_post_id is null",
  );
  expect(rows).toEqual([]);
}, 1_700_000);
