/** Where the skill of an agent lies, which `psn agent install` writes and `psn uninstall` takes away. */
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { readOwnFile } from "../core/config/own-file.ts";
import type { Env } from "../core/utils/env.ts";

export const AGENTS = ["claude", "codex"] as const;
export type Agent = (typeof AGENTS)[number];

/** By which a file of ours is known again: it tells the agent to run this. */
export const SKILL_MARK = "psn context post";
const SKILL_BYTES_MAX = 1024 * 1024;

export const FOLDERS: Record<Agent, string> = { claude: ".claude", codex: ".codex" };
/** In which each is told that its folder is another one. */
const VARIABLES: Record<Agent, string> = { claude: "CLAUDE_CONFIG_DIR", codex: "CODEX_HOME" };

/** The user's folder for an agent. */
export const folderOf = (agent: Agent, env: Env, cwd: string): string =>
  resolve(cwd, env[VARIABLES[agent]] || join(env.HOME || homedir(), FOLDERS[agent]));

/** @param folder an agent's, the user's or a project's */
export const skillFile = (folder: string): string => join(folder, "skills", "psn", "SKILL.md");

/** What `psn agent install` found in its place: somebody may have written into it. */
export const skillBefore = (file: string): string => `${file}.before`;

/** Null where there is none. */
export const readSkill = (file: string): Promise<string | null> => readOwnFile(file, SKILL_BYTES_MAX);

/** The skills of PSN's in the user's folders, and what they took the place of. Those in projects are the projects'. */
export async function skillsIn(env: Env): Promise<{ agent: Agent; file: string; isBefore: boolean }[]> {
  const all = AGENTS.flatMap((agent) => {
    const file = skillFile(folderOf(agent, env, process.cwd()));
    return [
      { agent, file, isBefore: false },
      { agent, file: skillBefore(file), isBefore: true },
    ];
  });
  const texts = await Promise.all(all.map(({ file }) => readSkill(file).catch(() => null)));
  return all.filter((_, at) => texts[at]?.includes(SKILL_MARK));
}
