/** What is mutated, and the tests that must notice: pure rules, each with tests that start no process. */

export interface Area {
  name: string;
  /** Files and globs, from the project's folder. */
  mutate: readonly string[];
  /** What `bun test` runs for each mutant. */
  tests: readonly string[];
}

const X = "src/platforms/x";
const DECIDE = "src/core/publish/decide";

export const AREAS: readonly Area[] = [
  {
    name: "decide: steps",
    mutate: ["holds", "outage", "duration", "next-step"].map((name) => `${DECIDE}/${name}.ts`),
    tests: [`${DECIDE}/next-step.test.ts`, `${DECIDE}/steps-said.test.ts`],
  },
  {
    name: "decide: times",
    mutate: ["backoff", "slots", "lead"].map((name) => `${DECIDE}/${name}.ts`),
    tests: ["backoff", "bounds", "slots", "lead"].map((name) => `${DECIDE}/${name}.test.ts`),
  },
  {
    name: "decide: matching",
    mutate: ["match", "assign", "stray"].map((name) => `${DECIDE}/${name}.ts`),
    tests: ["match", "assign", "stray"].map((name) => `${DECIDE}/${name}.test.ts`),
  },
  {
    name: "decide: recording",
    mutate: [`${DECIDE}/recording.ts`],
    tests: [`${DECIDE}/recording.test.ts`],
  },
  {
    name: "judges of X",
    mutate: ["judge", "judge-posts", "judge-media", "judge-by-id", "judge-oauth"].map((name) => `${X}/${name}.ts`),
    tests: [`${X}/judge.test.ts`, `${X}/judged.test.ts`],
  },
  {
    name: "what X says",
    mutate: ["problem", "refusals", "rate-limit", "detail", "snowflake", "to-error"].map((name) => `${X}/${name}.ts`),
    tests: ["judge", "judged", "rate-limit", "detail", "snowflake"].map((name) => `${X}/${name}.test.ts`),
  },
  {
    name: "rules of posts",
    mutate: ["src/core/posts/verbs.ts", "src/core/posts/fix.ts"],
    tests: ["src/core/posts/verbs.test.ts"],
  },
  {
    name: "tokens",
    mutate: ["src/core/tokens/envelopes.ts"],
    tests: ["src/core/tokens/envelopes.test.ts"],
  },
];
