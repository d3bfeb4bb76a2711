/** What is mutated, and the tests that must notice: pure rules, each with tests that start no process. */

export interface Area {
  name: string;
  /** Files and globs, from the project's folder. */
  mutate: readonly string[];
  /** What `bun test` runs for each mutant. */
  tests: readonly string[];
}

const X = "src/platforms/x";

export const AREAS: readonly Area[] = [
  {
    name: "decide",
    mutate: ["src/core/publish/decide/*.ts", "!src/core/publish/decide/*.test.ts"],
    tests: ["src/core/publish/decide"],
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
