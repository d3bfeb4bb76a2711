/**
 * Makes what agents read in files from src/cli/guides: the slash commands of the checkout, and the plugin's skills.
 * `npm run generate` after a guide has changed writes them.
 */
import { GUIDES } from "../src/cli/guides/guides.ts";

const ALLOWED = {
  checkout: { post: "Bash(bin/psn:*)", setup: "Bash(bin/psn:*), Bash(npm install:*)" },
  plugin: { post: "Bash(psn:*)", setup: "Bash(psn:*)" },
};
const ASKED = { post: "What the person wants: $ARGUMENTS", setup: "Arguments from the person, if any: $ARGUMENTS" };

/** Each file's path in the project, and its text. */
export function pluginFiles(): Map<string, string> {
  const files = new Map<string, string>();
  for (const { name, summary, text } of GUIDES) {
    const install = name === "setup" ? "If `node_modules` is missing, run `npm install` first.\n\n" : "";
    files.set(
      `.claude/commands/psn/${name}.md`,
      `---\ndescription: ${summary}\nallowed-tools: ${ALLOWED.checkout[name]}\n---\n\n${install}${text("bin/psn")}\n\n${ASKED[name]}\n`,
    );
    files.set(
      `plugin/skills/${name}/SKILL.md`,
      `---\nname: ${name}\ndescription: ${summary}\nallowed-tools: ${ALLOWED.plugin[name]}\n---\n\nHow things stand now:\n\n!\`psn context ${name}\`\n\n${text("psn")}\n\n${ASKED[name]}\n`,
    );
  }
  return files;
}
