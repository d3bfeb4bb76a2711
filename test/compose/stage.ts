/** Commands run in this process, which is faster than one of their own each; input is parsed and answers are checked as ever. */

import type { Entry, Io } from "../../src/cli/_command.ts";
import { makePaint } from "../../src/cli/_paint.ts";
import { parseInput } from "../../src/cli/_parse.ts";
import type { PostStatusAnswer } from "../../src/cli/post/_status.ts";
import type { EditAnswer } from "../../src/cli/post/edit.ts";
import { postEntries } from "../../src/cli/post/entries.ts";
import { PsnError } from "../../src/core/errors.ts";
import { fakeMp4 } from "../../src/sandbox/testing.ts";
import type { TestHome } from "../../src/testing/cli.ts";

export interface Runner {
  /** `psn post ARGS`; throws what the command throws. */
  post(...args: string[]): Promise<EditAnswer>;
  /** The code of the error that it ends with, or "done". */
  code(...args: string[]): Promise<string>;
  /** The error itself. */
  error(...args: string[]): Promise<PsnError>;
  /** `psn preview ARGS`. */
  preview(...args: string[]): Promise<NonNullable<PostStatusAnswer["preview"]>>;
}

/** What a command is given here: nobody is asked, nothing is typed, and notes are read by nobody. */
export function ioOf({ env, folder }: Pick<TestHome, "env" | "folder">, more: Partial<Io> = {}): Io {
  return {
    env,
    cwd: folder,
    json: true,
    interactive: false,
    paint: makePaint(false),
    commands: [],
    dryRun: false,
    willWrite: () => {},
    answerNow: async () => {},
    note: () => {},
    readStdin: async () => "",
    signal: new AbortController().signal,
    ...more,
  };
}

export function runnerOf(home: TestHome): Runner {
  const io = ioOf(home);
  const run = async (entry: Entry | undefined, args: string[]) => {
    if (!entry) throw new Error(`there is no command ${args[0]}`);
    const command = await entry.load();
    return command.answer.parse(await command.run(io, parseInput(command, entry.name, args).input));
  };
  const named = (name: string) => postEntries.find((entry) => entry.name === `post ${name}`);
  const post = async (...[name = "", ...args]: string[]) => (await run(named(name), args)) as EditAnswer;
  const failure = (args: string[]) =>
    post(...args).then(
      () => null,
      (error: unknown) => error,
    );
  return {
    post,
    async code(...args) {
      const error = await failure(args);
      if (error !== null && !(error instanceof PsnError)) throw error;
      return error?.code ?? "done";
    },
    async error(...args) {
      const error = await failure(args);
      if (error instanceof PsnError) return error;
      throw error ?? new Error(`post ${args.join(" ")} was done`);
    },
    preview: async (...args) => (await run(named("preview"), args)) as NonNullable<PostStatusAnswer["preview"]>,
  };
}

/** A PNG of one pixel. */
export const PNG = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
/** A GIF of one pixel. */
export const GIF = Buffer.from("R0lGODlhAQABAIAAAP///wAAACH5BAEAAAAALAAAAAABAAEAAAICRAEAOw==", "base64");
export const MP4 = Buffer.from(fakeMp4(4_000));
