/** Survivors that no test can notice, each with the reason. */

interface Explained {
  file: string;
  /** Part of the line, so that a number of lines may change above it. */
  line: string;
  /** What the line was made, in part; empty for whatever it was made. */
  made: string;
  why: string;
}

const X = "src/platforms/x";

/** An answer that never came has no status and no body, so each later condition says the same of it. */
const SILENT = "a request without an answer has neither status nor body, of which the next condition says the same";
const FILLER = "stands for what X left out; no rule looks for that word";

/** Whether a post is what was sent has three answers, and "other" is whatever is not one of the two that are asked for. */
const OTHER = "who asks looks for the two other words alone";

export const EXPLAINED: readonly Explained[] = [
  { file: "src/core/publish/decide/match.ts", line: "if (isTooOld(sent, post, comparing))", made: "", why: OTHER },
  { file: "src/core/publish/decide/match.ts", line: "if (!wasWithMedia) return", made: "", why: OTHER },
  {
    file: "src/core/posts/fix.ts",
    line: 'failCode?.includes("MEDIA")',
    made: "failCode.includes",
    why: "a post without a code has been answered two lines above; the compiler does not know it",
  },
  {
    file: `${X}/detail.ts`,
    line: "secrets: readonly string[] = []",
    made: "Stryker was here",
    why: "stands for no secrets; X does not say that word",
  },
  {
    file: `${X}/problem.ts`,
    line: "if (depth > DEPTH_MAX) return [];",
    made: "Stryker was here",
    why: "a word in the place of a record says nothing",
  },
  {
    file: `${X}/rate-limit.ts`,
    line: "resetSeconds !== null && resetSeconds >= EPOCH_SECONDS_MIN",
    made: "true",
    why: "null is less than the least second; the compiler asks for the condition",
  },
  {
    file: `${X}/rate-limit.ts`,
    line: "if (until === null || candidate > until) until = candidate;",
    made: "",
    why: "any time is later than null, and of two that are equal either is the latest",
  },
  {
    file: `${X}/rate-limit.ts`,
    line: "if (value === null ||",
    made: "false",
    why: "null is no row of digits; the compiler asks for the condition",
  },
  { file: `${X}/refusals.ts`, line: 'wordsCount ? wordsOf(problem) : ""', made: "Stryker was here", why: FILLER },
  {
    file: `${X}/to-error.ts`,
    line: 'if (answer.kind === "silent") return new XApiError(facts);',
    made: "",
    why: SILENT,
  },
  { file: `${X}/judge-by-id.ts`, line: 'answer.kind === "responded" ? answer.json', made: "true", why: SILENT },
  { file: `${X}/judge-by-id.ts`, line: "(parsed.data.errors ?? [])", made: "Stryker was here", why: FILLER },
  { file: `${X}/judge-by-id.ts`, line: 'test(type ?? "")', made: "Stryker was here", why: FILLER },
  { file: `${X}/judge-media.ts`, line: 'answer.kind === "silent" || !isSuccess(answer)', made: "", why: SILENT },
  { file: `${X}/judge-media.ts`, line: 'answer.kind === "responded" && isSuccess(answer)', made: "true", why: SILENT },
  {
    file: `${X}/judge-media.ts`,
    line: 'answer.kind === "responded" && answer.status === 413',
    made: "true",
    why: SILENT,
  },
  {
    file: `${X}/judge-oauth.ts`,
    line: 'case "other":',
    made: "",
    why: "falls to the next case, which says the same of a 4xx in JSON, the only answers that have a word",
  },
  { file: `${X}/judge-posts.ts`, line: 'answer.kind === "responded" ? answer.json', made: "true", why: SILENT },
  { file: `${X}/judge-posts.ts`, line: 'if (answer.kind === "silent") return', made: "", why: SILENT },
  {
    file: `${X}/judge-posts.ts`,
    line: '[...parameters, ...messages, detail ?? ""]',
    made: "Stryker was here",
    why: FILLER,
  },
  {
    file: `${X}/judge-posts.ts`,
    line: 'ABOUT_A_REFERENCE.test(parameter ?? "")',
    made: "Stryker was here",
    why: FILLER,
  },
  {
    file: `${X}/judge-posts.ts`,
    line: 'answer.kind === "silent" ? answer.cause : describe',
    made: "",
    why: "who asks has answered a request without an answer before; the compiler does not know it",
  },
  {
    file: `${X}/judge-posts.ts`,
    line: 'answer.kind === "responded" && answer.status === 403',
    made: "true",
    why: SILENT,
  },
  { file: `${X}/judge.ts`, line: '(problem.title ?? "")', made: "Stryker was here", why: FILLER },
];

/** @param survivor as `run.ts` prints it */
export function isExplained(survivor: string): boolean {
  const [before = "", made = ""] = survivor.split("  =>  ");
  return EXPLAINED.some(
    (one) => before.startsWith(`${one.file}:`) && before.includes(one.line) && made.includes(one.made),
  );
}
