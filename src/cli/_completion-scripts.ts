/**
 * The scripts of `psn completion`. Each hands the words that stand before the cursor to `psn completion SHELL -- …` and offers what that
 * answers: a line that says whether files are meant, then a word and its help a line. None evaluates what is typed or offered, and `psn`
 * is the one on the PATH, never one of the current folder that somebody has only typed.
 */
import bash from "./completions/psn.bash" with { type: "text" };
import fish from "./completions/psn.fish" with { type: "text" };
import powershell from "./completions/psn.ps1" with { type: "text" };
import zsh from "./completions/psn.zsh" with { type: "text" };

export const SHELLS = ["bash", "zsh", "fish", "powershell"] as const;

export const COMPLETION_SCRIPTS: Readonly<Record<(typeof SHELLS)[number], string>> = { bash, zsh, fish, powershell };
