/** What a program answered, however it was run. */
export interface Ran {
  code: number;
  /** stdout as JSON; null when it is not. */
  json: unknown;
  stdout: string;
  stderr: string;
}

export function ranOf(code: number, stdout: string, stderr: string): Ran {
  let json: unknown = null;
  try {
    json = stdout.trim() === "" ? null : JSON.parse(stdout);
  } catch {
    // Help is text, as are other programs' answers; tests of them read stdout.
  }
  return { code, json, stdout, stderr };
}
