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
    mutate: ["match", "assign", "stray", "recording"].map((name) => `${DECIDE}/${name}.ts`),
    tests: ["match", "stray", "recording"].map((name) => `${DECIDE}/${name}.test.ts`),
  },
  {
    name: "judges of X",
    mutate: [
      `${X}/judge.ts`,
      `${X}/judge-posts.ts`,
      `${X}/judge-media.ts`,
      `${X}/judge-oauth.ts`,
      `${X}/problem.ts`,
      `${X}/rate-limit.ts`,
      `${X}/detail.ts`,
      `${X}/snowflake.ts`,
    ],
    tests: [`${X}/judge.test.ts`, `${X}/rate-limit.test.ts`, `${X}/detail.test.ts`, `${X}/snowflake.test.ts`],
  },
  {
    name: "rules of posts",
    mutate: ["src/core/posts/verbs.ts"],
    tests: ["src/core/posts/verbs.test.ts"],
  },
  {
    name: "tokens",
    mutate: ["src/core/tokens/envelopes.ts"],
    tests: ["src/core/tokens/envelopes.test.ts"],
  },
];
