/** `psn completion`: the script by which a shell completes psn's words, and what that script asks at each TAB. */
import { z } from "zod";
import type { Db } from "../core/db/connection.ts";
import type { Env } from "../core/utils/env.ts";
import { defineCommand } from "./_command.ts";
import { type LiveWords, offersFor } from "./_complete.ts";
import { COMPLETION_SCRIPTS, SHELLS } from "./_completion-scripts.ts";

const POSTS_MAX = 50;

export const completionCommand = defineCommand({
  input: z.object({
    shell: z.enum(SHELLS).meta({ position: 0, description: `the shell: ${SHELLS.join(", ")}` }),
    words: z.array(z.string()).max(1_000).optional().meta({
      position: 1,
      description: "what the script asks at TAB: the words after psn, the one at the cursor last",
    }),
  }),
  examples: ["source <(psn completion bash)", "psn completion fish > ~/.config/fish/completions/psn.fish"],
  answer: z.object({
    script: z.string().optional(),
    /** The shell offers its own files or folders, too. */
    paths: z.enum(["files", "folders"]).nullable().optional(),
    words: z.array(z.object({ word: z.string(), help: z.string() })).optional(),
  }),
  textWhenPiped: true,
  async run(io, { shell, words }) {
    if (words === undefined) return { script: COMPLETION_SCRIPTS[shell] };
    // PowerShell before 7.3 drops an empty word, so its script marks the one at the cursor.
    const typed = shell === "powershell" ? words.with(-1, (words.at(-1) ?? "").slice(1)) : words;
    return await offersFor(io.commands, typed, liveWords(io.env, typed.at(-1)?.includes("@") ?? false));
  },
  render: ({ script, paths, words = [] }) =>
    script?.trimEnd() ?? [paths ?? "words", ...words.map(({ word, help }) => `${word} ${help}`)].join("\n"),
});

// --- internal ---

/** What the hub knows, when it runs and answers at once; else nothing, and never an error. Its code is loaded when it is asked. */
function liveWords(env: Env, isAt: boolean): LiveWords {
  async function from<T>(read: (db: Db) => Promise<T[]>): Promise<T[]> {
    try {
      const { loadHubEnv } = await import("../core/utils/env.ts");
      const { glance } = await import("../core/db/glance.ts");
      const hubEnv = await loadHubEnv(env);
      // It counts from the start of the process.
      return (await glance(hubEnv, hubEnv.completionMs - performance.now(), read)) ?? [];
    } catch {
      return [];
    }
  }
  return {
    posts: async () => {
      const { listPosts } = await import("../core/posts/read.ts");
      const posts = await from((db) => listPosts(db, { limit: POSTS_MAX }));
      return posts.map(({ id, status, account, beginning }) => ({
        word: id,
        help: `${status} @${account} ${beginning}`,
      }));
    },
    // Without the sign, which PowerShell and bash take for one of their own; who typed it gets it.
    accounts: async () => {
      const { listAccounts } = await import("../core/accounts/accounts.ts");
      const accounts = await from(listAccounts);
      return accounts.map(({ handle, name }) => ({ word: `${isAt ? "@" : ""}${handle}`, help: name }));
    },
  };
}
