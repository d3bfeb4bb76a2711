/**
 * Bugs planted on purpose, to prove that the simulation would find them. A plant edits the source text of one module while
 * it is loaded, so the code itself holds no switch. Must be installed before the code under test is imported.
 */
import { readFile } from "node:fs/promises";
import { plugin } from "bun";

interface Edit {
  file: string;
  from: string | RegExp;
  to: string;
}

export const PLANTS = {
  /** The attempt is written after the send instead of before. */
  attempt: [
    {
      file: "core/publish/send/run.ts",
      from: "const attemptId = await writeAttempt(hub, lease, {",
      to: "const writeIt = () => writeAttempt(hub, lease, {",
    },
    {
      file: "core/publish/send/run.ts",
      from: "return { attemptId, askedAt, cleared };",
      to: "return { writeIt, askedAt, cleared };",
    },
    {
      file: "core/publish/send/run.ts",
      from: "const { attemptId, askedAt, cleared } = written;",
      to: "let { attemptId, askedAt, cleared } = written;",
    },
    {
      file: "core/publish/send/run.ts",
      from: "return await this.#notSent(attemptId);",
      to: "return await this.#endings.handBack();",
    },
    {
      file: "core/publish/send/run.ts",
      from: ".finally(deadline.release);",
      to: ".finally(deadline.release);\n    attemptId ??= await written.writeIt();",
    },
  ],
  /** A post that begins with everything at once sends a request that was not written down. */
  begun: [{ file: "core/publish/send/begin.ts", from: 'where "attemptId" is not null', to: "where false" }],
  /** A worker sends without asking whether the lease is still its own. */
  lease: [
    {
      file: "core/publish/attempts/attempts.ts",
      from: /post\.status = 'publishing'\s+and post\.lease_owner[^\n]+\n[^\n]+\n[^\n]+psn\.now\(\)/,
      to: "true",
    },
    { file: "core/publish/send/run.ts", from: "this.#held.hasTime() &&", to: "" },
  ],
  /** A request without an answer is sent again instead of looked for. */
  settle: [
    {
      file: "core/publish/send/run.ts",
      from: "const seen = await lookForTweet(this.#deps, tweet, attempt);",
      to: `const seen = { kind: "seen", verdict: { kind: "absent" } } as Awaited<ReturnType<typeof lookForTweet>>;`,
    },
  ],
  /** A wake-up is believed: neither the schedule's version nor the time in the row is asked. */
  schedule: [
    {
      file: "core/publish/lease/may-take.ts",
      from: /and \$\{row\}\.schedule_version = \$\{scheduleVersion\}\s+and \$\{row\}\.due_at <= psn\.now\(\)/,
      to: "",
    },
  ],
  /** A post whose last id came from a worker without the lease is not finished. */
  finish: [
    {
      file: "core/publish/send/run.ts",
      from: "if (!this.#isComplete) await this.#endings.recorded(() => finish(this.#deps.hub, this.#held.lease));",
      to: "",
    },
    {
      file: "core/publish/attempts/record.ts",
      from: 'root.status !== "published" && root.approvedHash !== null',
      to: "false",
    },
  ],
  /** A second unanswered request forgets the first, which may turn up late. */
  earliest: [
    {
      file: "core/publish/attempts/attempts.ts",
      from: "const first = unanswered[0]?.attempt;",
      to: "const first = open?.attempt;",
    },
  ],
  /** Two looks are thought enough. */
  looks: [{ file: "core/publish/decide/backoff.ts", from: "[5_000, 30_000, 120_000, 300_000]", to: "[5_000, 10_000]" }],
  /** A post is taken as it was read, without a lock: whoever changed it meanwhile is not heard. */
  take: [
    {
      file: "core/publish/lease/take.ts",
      from: /for update of post \$\{.*\}/,
      to: "",
    },
  ],
  /** The author is told that a waiting post was edited, and its words stay what they were. */
  told: [
    {
      file: "core/posts/edit.ts",
      from: "if (wanted.unsentTweets || wanted.metadata) {",
      to: 'if ((wanted.unsentTweets || wanted.metadata) && post.root.status !== "retry") {',
    },
  ],
  /** The whole thread anew is written behind what went out meanwhile. */
  meanwhile: [
    {
      file: "core/posts/change.ts",
      from: "expecting.sentCount !== undefined && expecting.sentCount !== sentCount",
      to: "false",
    },
  ],
  /** On Trigger.dev nobody looks for the tweets of posts that want no run. */
  unsettled: [{ file: "engines/trigger-watch.ts", from: "unsettled.slice(0, LOOKS_MAX)", to: "unsettled.slice(0, 0)" }],
  /** Only the first image of a tweet is uploaded. */
  media: [{ file: "core/publish/send/upload.ts", from: "of tweet.media) {", to: "of tweet.media.slice(0, 1)) {" }],
} satisfies Record<string, Edit[]>;
export type Plant = keyof typeof PLANTS;

export function isPlant(name: string): name is Plant {
  return Object.hasOwn(PLANTS, name);
}

/** Where ids come from while the simulation runs: random ones would make two runs of a seed differ. */
const ID_SOURCE = `
let count = 0;
export function newId() { return "sim" + String(++count).padStart(9, "0"); }
newId.start = () => { count = 0; };
`;

/** @throws Error when a plant no longer fits the source: it must be brought up to date, or it would prove nothing */
export function install(plant: Plant | null): void {
  const edits: readonly Edit[] = plant ? PLANTS[plant] : [];
  plugin({
    name: "psn simulation",
    setup(build) {
      build.onLoad({ filter: /src\/core\/utils\/id\.ts$/ }, () => ({ contents: ID_SOURCE, loader: "ts" }));
      for (const file of new Set(edits.map((edit) => edit.file))) {
        const filter = new RegExp(`src/${file.replace(/[.]/g, "\\.")}$`);
        build.onLoad({ filter }, async ({ path }) => {
          let contents = await readFile(path, "utf8");
          for (const edit of edits.filter((candidate) => candidate.file === file)) {
            const changed = contents.replace(edit.from, edit.to);
            if (changed === contents) throw new Error(`the plant "${plant}" does not fit ${file} any more`);
            contents = changed;
          }
          return { contents, loader: "ts" };
        });
      }
    },
  });
}
