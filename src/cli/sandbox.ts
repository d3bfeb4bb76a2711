/** `psn sandbox`: the local X, for trying things without keys, cost or an audience. */
import { dirname, resolve } from "node:path";
import { z } from "zod";
import { requirePlace } from "../core/config/file-error.ts";
import { makeOwnFolder } from "../core/config/own-file.ts";
import { dataDirOf } from "../core/utils/env.ts";
import { startSandbox } from "../sandbox/server.ts";
import { ANY_USER, SANDBOX_CALLBACK_URL, SANDBOX_CLIENT_ID, SANDBOX_CLIENT_SECRET } from "../sandbox/types.ts";
import { defineCommand } from "./_command.ts";
import { sandboxFile } from "./_sandbox-host.ts";

export const PORT_DEFAULT = 4010;
export const DEFAULT_URL = `http://127.0.0.1:${PORT_DEFAULT}`;

/** What makes PSN talk to a sandbox instead of X. The id and secret open nothing anywhere else. */
export function sandboxEnv(url: string): Record<string, string> {
  return {
    X_CLIENT_ID: SANDBOX_CLIENT_ID,
    X_CLIENT_SECRET: SANDBOX_CLIENT_SECRET,
    X_REDIRECT_URI: SANDBOX_CALLBACK_URL,
    X_API_BASE_URL: url,
    X_AUTHORIZE_URL: `${url}/i/oauth2/authorize`,
    X_TOKEN_URL: `${url}/2/oauth2/token`,
    X_REVOKE_URL: `${url}/2/oauth2/revoke`,
  };
}

export const sandboxCommand = defineCommand({
  input: z.object({
    port: z
      .int()
      .min(0)
      .max(65_535)
      .default(PORT_DEFAULT)
      .meta({ placeholder: "PORT", description: `Port on 127.0.0.1 (default ${PORT_DEFAULT}; 0 takes a free one)` }),
    state: z.string().optional().meta({
      placeholder: "FILE",
      description: "Keep the timeline in this file (default: one in the data folder for each port; none with port 0)",
    }),
  }),
  examples: [
    "psn sandbox",
    "psn sandbox fault --help",
    "psn sandbox --json --port 0",
    "psn sandbox --port 0 --state ./sandbox.json",
  ],
  answer: z.object({
    url: z.string(),
    pid: z.number(),
    /** What to set so that PSN talks to it. */
    env: z.record(z.string(), z.string()),
  }),
  async run(io, { port, state }) {
    const kept = port === 0 ? undefined : sandboxFile(await dataDirOf(io.env), port);
    const stateFile = state ? resolve(io.cwd, state) : kept;
    if (stateFile !== undefined) await requirePlace(stateFile);
    const running = await startSandbox({ port, ...(stateFile ? { stateFile } : {}) });
    // It has read its file and taken its port, and writes nothing before it was asked for something.
    if (io.dryRun) await running.stop();
    io.willWrite("start the sandbox");
    if (stateFile !== undefined) await makeOwnFolder(dirname(stateFile));
    const answer = { url: running.url, pid: process.pid, env: sandboxEnv(running.url) };
    await io.answerNow(answer);
    io.note(`The sandbox of X runs. Its timeline: ${running.url}/ ${ANY_USER}`);
    if (stateFile !== undefined) io.note(`Its timeline and sign-ins are kept in ${stateFile}`);
    const named = running.port === PORT_DEFAULT ? "" : ` --port ${running.port}`;
    io.note(
      `To use it: psn setup --sandbox${named}. To see things go wrong: psn sandbox fault --help. Ctrl-C stops it.`,
    );
    await new Promise<void>((done) => {
      if (io.signal.aborted) done();
      io.signal.addEventListener("abort", () => done(), { once: true });
    });
    await running.stop();
    return answer;
  },
  render: () => "The sandbox stopped.",
});
