/** What a command does to the world: one table, for the commands that an answer names as `next`, for dry runs and for MCP. */

/** `read` changes nothing; `write` changes the hub or files; `sends` can lead to a post on X. */
export const EFFECTS = ["read", "write", "sends"] as const;
export type Effect = (typeof EFFECTS)[number];

/** A command that comes next, with what it does, and whether a person has to say yes to it first. */
export interface NextStep {
  /** As it is typed. Words in capitals stand for what is to be filled in. */
  command: string;
  effect: Effect;
  /** It sends, spends, forces, approves, or settles a doubt: ask the person, never decide it. */
  needsPerson: boolean;
  /** The same as a call of an MCP tool, in answers over MCP; what is to be filled in is left out. */
  tool?: ToolCall | undefined;
}

export interface ToolCall {
  name: string;
  arguments: Record<string, unknown>;
}

const TABLE: Record<string, Effect | readonly [Effect, "person"]> = {
  setup: ["write", "person"],
  status: "read",
  doctor: "write",
  "config get": "read",
  completion: "read",
  update: "read",
  uninstall: ["write", "person"],
  schema: "read",
  preview: "read",
  "post create": "write",
  "post preview": "read",
  "post split": "write",
  "post join": "write",
  "post move": "write",
  "post text": "write",
  "post insert": "write",
  "post remove": "write",
  "post reorder": "write",
  "post check": "write",
  "post attach": "write",
  "post detach": "write",
  "post undo": "write",
  "post redo": "write",
  "post approve": ["write", "person"],
  "post schedule": "sends",
  "post now": "sends",
  "post edit": "write",
  "post cancel": "write",
  "post retry": "sends",
  "post resolve": "sends",
  "post show": "read",
  "post list": "read",
  "post failures": "read",
  "post copy": "write",
  "post reply": "write",
  "post sync": ["write", "person"],
  "post delete": ["write", "person"],
  "post unpublish": ["write", "person"],
  "post resume": "sends",
  context: "read",
  "agent install": "write",
  mcp: "read",
  approval: ["write", "person"],
  spend: "read",
  "limits show": "read",
  "limits set": ["write", "person"],
  "limits clear": ["write", "person"],
  when: "read",
  "account list": "read",
  "account default": "write",
  "account remove": ["write", "person"],
  "media list": "read",
  "media gc": "write",
  "media verify": "write",
  "keys rotate": ["write", "person"],
  "keys reset": ["write", "person"],
  worker: "sends",
  "worker install": "sends",
  "worker uninstall": "write",
  "worker status": "read",
  "trigger init": "write",
  sandbox: "write",
  "sandbox fault": "write",
  demo: "write",
  "hub status": "read",
  "hub start": "write",
  "hub stop": "write",
  "hub claim": ["sends", "person"],
  "hub move": ["write", "person"],
  backup: "write",
  restore: ["write", "person"],
};

/** Fields with which a command of posts that only writes sends as well. */
const SENDING_FIELDS = ["now", "at", "date", "time"];
const SENDING_FLAGS = new Set(SENDING_FIELDS.map((field) => `--${field}`));
/** With it a change counts for a post that waits for its time, and goes out then. */
const APPROVING_FIELD = "approve";
/** With these a command does what it would refuse, or takes a yes for given. */
const FORCING_FLAGS = new Set(["--force", "--yes", "-y", `--${APPROVING_FIELD}`, "--local"]);
const DRY_FLAGS = new Set(["--dry-run", "--help", "-h"]);

/** What a command does, by its name; null for one that is not in the table. */
export function effectOf(name: string): { effect: Effect; needsPerson: boolean } | null {
  const row = TABLE[name];
  if (row === undefined) return null;
  const [effect, who] = typeof row === "string" ? [row] : row;
  return { effect, needsPerson: effect === "sends" || who === "person" };
}

/** Whether some input of a command leads to a tweet on X, or changes one that goes out: by itself, or by the fields that it has. */
export function canSend(name: string, fields: readonly string[]): boolean {
  const effect = effectOf(name)?.effect;
  if (effect !== "write" || !name.startsWith("post ")) return effect === "sends";
  return fields.some((field) => field === APPROVING_FIELD || SENDING_FIELDS.includes(field));
}

/** A command as it is typed, with its effect: its flags count, for `post create --now` sends. */
export function nextStep(command: string): NextStep {
  const words = command.split(/\s+/).slice(1);
  const name = [2, 1].map((count) => words.slice(0, count).join(" ")).find((one) => effectOf(one) !== null) ?? "";
  const { effect, needsPerson } = effectOf(name) ?? { effect: "write" as const, needsPerson: true };
  const has = (flags: ReadonlySet<string>) => words.some((word) => flags.has(word.split("=")[0] ?? ""));
  if (has(DRY_FLAGS)) return { command, effect: "read", needsPerson: false };
  const sends = effect === "sends" || (effect === "write" && name.startsWith("post ") && has(SENDING_FLAGS));
  return { command, effect: sends ? "sends" : effect, needsPerson: needsPerson || sends || has(FORCING_FLAGS) };
}

export const nextSteps = (commands: readonly string[]): NextStep[] => commands.map(nextStep);
