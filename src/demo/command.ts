/** `psn demo`: the main job, end to end, on a local X in a throwaway folder. Proves itself by reading X back. */
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import essay from "../../examples/essay.txt" with { type: "text" };
import { defineCommand, flag, type Io } from "../cli/_command.ts";
import { errorAnswer, exitCodeOf } from "../cli/_errors.ts";
import { readText } from "../cli/_input.ts";
import { screenText } from "../cli/_screen.ts";
import { requirePlace } from "../core/config/file-error.ts";
import { IS_BINARY, PROJECT_DIR } from "../core/config/folders.ts";
import { PsnError } from "../core/errors.ts";
import { startSandbox } from "../sandbox/server.ts";
import { DemoAnswerSchema } from "./answer.ts";
import { Narrator } from "./narrator.ts";
import { runDemo } from "./run.ts";
import { checkSource } from "./source.ts";

/** Read from within, since a single program has no folder; this is only its name. */
const EXAMPLE = join(IS_BINARY ? "" : PROJECT_DIR, "examples", "essay.txt");
/** A proxy would be asked for the sandbox, which only this machine can reach. */
const PROXY_NAMES = ["HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];

export const demoCommand = defineCommand({
  input: z.object({
    textfile: z
      .string()
      .optional()
      .meta({ position: 0, description: "the text to post (default: examples/essay.txt); - reads stdin" }),
    keep: flag("Leave the sandbox up afterwards, to look at its timeline page, until Ctrl-C"),
    port: z
      .int()
      .min(0)
      .max(65_535)
      .default(0)
      .meta({ placeholder: "PORT", description: "Port of the sandbox on 127.0.0.1 (default: a free one)" }),
  }),
  examples: ["npm run demo", "npm run demo -- my-text.md --keep", "psn demo --json"],
  answer: DemoAnswerSchema,
  // What it prints is an account for a person, also in the log of a CI.
  textWhenPiped: true,
  async run(io, { textfile: file, keep: isKept, port }) {
    const given = file === undefined ? null : await readText({ ...io, cwd: callersFolder(io) }, undefined, { file });
    const source =
      file === undefined ? checkSource(essay, EXAMPLE) : checkSource(given?.text ?? "", given?.file ?? null);
    for (const name of PROXY_NAMES) delete process.env[name];

    if (io.dryRun) {
      await requirePlace(tmpdir(), "folder");
      await (await startSandbox({ port })).stop();
    }
    io.willWrite("play the demo on a sandbox and a hub of its own");
    const { signal, release } = stopSignal(io);
    const say = io.json ? io.note : (line: string) => void process.stdout.write(`${screenText(line)}\n`);
    const narrator = new Narrator({ say, paint: io.paint, width: process.stdout.columns, cwd: callersFolder(io) });
    const keep = async (kept: { url: string; configDir: string }) => {
      say(
        `\nThe timeline stays at ${kept.url}/ until Ctrl-C. Its posts: PSN_CONFIG_DIR=${kept.configDir} psn post list`,
      );
      await aborted(signal);
    };
    try {
      return await runDemo({ source, port, signal, narrator, ...(isKept ? { keep } : {}) });
    } finally {
      release();
    }
  },
  // All of it was said while it happened.
  render: () => "",
  failure(answer) {
    if (answer.held) return null;
    const error = new PsnError("DEMO_NOT_HELD", "The demo ran, and not all that it promises held.");
    return { exit: exitCodeOf(error.code), error: errorAnswer(error) };
  },
});

// --- internal ---

/** npm runs scripts in the package's folder and names where it was called from. */
function callersFolder(io: Io): string {
  return io.env.npm_lifecycle_event === "demo" && io.env.INIT_CWD ? io.env.INIT_CWD : io.cwd;
}

/** Ctrl-C, a closed terminal, or a reader of our output that went away. */
function stopSignal(io: Io): { signal: AbortSignal; release: () => void } {
  const stop = new AbortController();
  const onStop = () => stop.abort();
  if (io.signal.aborted) onStop();
  io.signal.addEventListener("abort", onStop, { once: true });
  process.on("SIGHUP", onStop);
  process.stdout.on("error", onStop);
  const release = () => {
    io.signal.removeEventListener("abort", onStop);
    process.off("SIGHUP", onStop);
  };
  return { signal: stop.signal, release };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener("abort", () => resolve(), { once: true });
  });
}
