/** `psn agent install`: the skill of an agent that is not in a checkout: what it reads before it posts. */
import { mkdir } from "node:fs/promises";
import { dirname, join } from "node:path";
import { z } from "zod";
import { requirePlace } from "../core/config/file-error.ts";
import { replaceFile } from "../core/config/whole-file.ts";
import { PsnError } from "../core/errors.ts";
import {
  AGENTS,
  type Agent,
  FOLDERS,
  folderOf,
  readSkill,
  SKILL_MARK,
  skillBefore,
  skillFile,
} from "../doctor/agent-skill.ts";
import { defineCommand, flag } from "./_command.ts";
import { GUIDES } from "./guides/guides.ts";

export const agentInstallCommand = defineCommand({
  input: z.object({
    agent: z.enum(AGENTS).meta({ position: 0, description: "claude (Claude Code) or codex" }),
    project: flag("Into the folder you are in, instead of your home"),
  }),
  examples: ["psn agent install claude", "psn agent install codex --project"],
  answer: z.object({
    file: z.string(),
    changed: z.boolean(),
    /** Where the skill that was there is kept: somebody may have written into it. */
    kept: z.string().optional(),
  }),
  async run(io, { agent, project }) {
    const file = skillFile(project ? join(io.cwd, FOLDERS[agent]) : folderOf(agent, io.env, io.cwd));
    await requirePlace(file);
    const before = await readSkill(file);
    const text = skillFor(agent);
    if (before === text) return { file, changed: false };
    if (before !== null && !before.includes(SKILL_MARK)) {
      throw new PsnError("FILE_NOT_WRITTEN", `${file} is there already, and is not PSN's.`, {
        hint: "Move it away, then run this again.",
      });
    }
    io.willWrite(`write ${file}`);
    await mkdir(dirname(file), { recursive: true, mode: 0o700 });
    const kept = before === null ? {} : { kept: skillBefore(file) };
    if (before !== null) await replaceFile(skillBefore(file), before);
    await replaceFile(file, text);
    return { file, changed: true, ...kept };
  },
  render: ({ file, changed, kept }) =>
    changed ? `Wrote ${file}.${kept ? ` What was there is in ${kept}.` : ""}` : `${file} is as it should be.`,
});

// --- internal ---

/** Claude Code puts the output of a command into a skill; another agent runs it itself. */
function skillFor(agent: Agent): string {
  const [post] = GUIDES;
  const live =
    agent === "claude"
      ? `How things stand now:\n\n!\`${SKILL_MARK}\``
      : `First run \`${SKILL_MARK}\`: it says how things stand.`;
  return `---\nname: psn\ndescription: ${post?.summary}\n---\n\n${live}\n\n${post?.text("psn")}\n`;
}
