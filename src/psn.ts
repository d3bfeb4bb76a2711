/** The command `psn`. bin/psn starts this file. Lists what there is; a command's code is loaded when it is called. */

import type { Entry } from "./cli/_command.ts";
import { runMain } from "./cli/_main.ts";
import { postEntries } from "./cli/post/entries.ts";

/** All commands, in the order in which help lists them. */
export const entries: Entry[] = [
  {
    name: "setup",
    summary: "Set up hub, X keys and sign-in; run it again at any time, it skips what is good",
    load: async () => (await import("./cli/setup.ts")).setupCommand,
  },
  {
    name: "status",
    summary: "Show on one screen: accounts, worker, hub, what is next, what is stuck",
    load: async () => (await import("./cli/status.ts")).statusCommand,
  },
  {
    name: "schema",
    summary: "Print what a command takes and answers, as JSON Schemas; --errors lists what can go wrong",
    load: async () => (await import("./cli/schema.ts")).schemaCommand,
  },
  {
    name: "doctor",
    summary: "Look for what is wrong with this installation, and name the fix for each; --fix does the safe ones",
    load: async () => (await import("./cli/doctor.ts")).doctorCommand,
  },
  {
    name: "config get",
    summary: "Show the settings, and whether each comes from the environment, a file or the default",
    load: async () => (await import("./cli/config.ts")).configGetCommand,
  },
  {
    name: "completion",
    summary:
      "Print the script by which bash, zsh, fish or PowerShell completes what you type, posts and accounts included",
    load: async () => (await import("./cli/completion.ts")).completionCommand,
  },
  {
    name: "update",
    summary: "Say how this PSN is brought up to date, and what changed in it",
    load: async () => (await import("./cli/update.ts")).updateCommand,
  },
  {
    name: "uninstall",
    summary: "Name all that PSN has on this machine, and remove what you choose",
    load: async () => (await import("./cli/uninstall.ts")).uninstallCommand,
  },
  {
    name: "preview",
    summary: "Show how a text is split, with counts and cost; writes nothing",
    load: async () => (await import("./cli/post/preview.ts")).previewCommand,
  },
  ...postEntries,
  {
    name: "context",
    summary: "Say in a few hundred words what an agent needs now: accounts, what is stuck, what is next, who approves",
    load: async () => (await import("./cli/context.ts")).contextCommand,
  },
  {
    name: "agent install",
    summary: "Write the skill by which an agent (claude, codex) posts with PSN",
    load: async () => (await import("./cli/agent-install.ts")).agentInstallCommand,
  },
  {
    name: "mcp",
    summary: "Serve PSN to an agent as tools, over stdin and stdout (Model Context Protocol)",
    load: async () => (await import("./mcp/command.ts")).mcpCommand,
  },
  {
    name: "approval",
    summary: "Show or set who approves what is sent: an agent on your word, or only you",
    load: async () => (await import("./cli/approval.ts")).approvalCommand,
  },
  {
    name: "spend",
    summary: "Show what X billed, today or this month, by cause and by account; --check tells how old the prices are",
    load: async () => (await import("./cli/spend.ts")).spendCommand,
  },
  {
    name: "limits show",
    summary: "Show what X may bill at most, how many posts may go out, and what of it is used",
    load: async () => (await import("./cli/limits.ts")).limitsShowCommand,
  },
  {
    name: "limits set",
    summary: "Set limits in dollars and in posts, a day and a month; a post that would pass one is refused, or waits",
    load: async () => (await import("./cli/limits.ts")).limitsSetCommand,
  },
  {
    name: "limits clear",
    summary: "Take limits away: those that are named, or all of the account, or all that are common",
    load: async () => (await import("./cli/limits.ts")).limitsClearCommand,
  },
  {
    name: "when",
    summary: "Show how a time in words is read; schedules nothing",
    load: async () => (await import("./cli/when.ts")).whenCommand,
  },
  {
    name: "account list",
    summary: "List the X accounts that are signed in",
    load: async () => (await import("./cli/account.ts")).accountListCommand,
  },
  {
    name: "account default",
    summary: "Choose the account that is meant when none is named",
    load: async () => (await import("./cli/account.ts")).accountDefaultCommand,
  },
  {
    name: "account remove",
    summary: "Sign an account out at X and forget its tokens; its posts stay",
    load: async () => (await import("./cli/account.ts")).accountRemoveCommand,
  },
  {
    name: "media list",
    summary: "List the files that are kept for posts, and what for",
    load: async () => (await import("./cli/media.ts")).mediaListCommand,
  },
  {
    name: "media gc",
    summary: "Remove the files that no post can use any more; the worker does so every hour",
    load: async () => (await import("./cli/media.ts")).mediaGcCommand,
  },
  {
    name: "media verify",
    summary: "Read every kept file, and restore what is damaged from its original",
    load: async () => (await import("./cli/media.ts")).mediaVerifyCommand,
  },
  {
    name: "keys rotate",
    summary: "Seal every stored token with a new encryption key; safe to stop and run again",
    load: async () => (await import("./cli/keys.ts")).keysRotateCommand,
  },
  {
    name: "keys reset",
    summary: "For a lost encryption key: forget the stored tokens, so that the accounts can sign in again",
    load: async () => (await import("./cli/keys.ts")).keysResetCommand,
  },
  {
    name: "worker",
    summary: "Publish scheduled posts at their time; runs until Ctrl-C",
    load: async () => (await import("./cli/worker.ts")).workerCommand,
  },
  {
    name: "worker install",
    summary: "Let a worker start with your session (systemd or launchd), and start it now",
    load: async () => (await import("./cli/worker-install.ts")).workerInstallCommand,
  },
  {
    name: "worker uninstall",
    summary: "Stop that service and remove it; what is scheduled waits",
    load: async () => (await import("./cli/worker-install.ts")).workerUninstallCommand,
  },
  {
    name: "worker status",
    summary: "Show how many workers are alive, and whether one is installed as a service",
    load: async () => (await import("./cli/worker-install.ts")).workerStatusCommand,
  },
  {
    name: "trigger init",
    summary: "Write the folder from which Trigger.dev's CLI deploys PSN's tasks",
    load: async () => (await import("./cli/trigger-init.ts")).triggerInitCommand,
  },
  {
    name: "sandbox",
    summary: "Run a local X to try things on, with a page that shows its timeline",
    load: async () => (await import("./cli/sandbox.ts")).sandboxCommand,
  },
  {
    name: "sandbox fault",
    summary: "Let something go wrong at the sandbox: a lost answer, a limit, no credits, …",
    load: async () => (await import("./cli/sandbox-fault.ts")).sandboxFaultCommand,
  },
  {
    name: "demo",
    summary: "See the main job, end to end, on a local X; nothing leaves this machine",
    load: async () => (await import("./demo/command.ts")).demoCommand,
  },
  {
    name: "hub status",
    summary: "Show whether the embedded hub runs, and where",
    load: async () => (await import("./cli/hub.ts")).hubStatusCommand,
  },
  {
    name: "hub start",
    summary: "Start the embedded hub; other commands do it by themselves",
    load: async () => (await import("./cli/hub.ts")).hubStartCommand,
  },
  {
    name: "hub stop",
    summary: "Stop the embedded hub; nothing is lost, scheduled posts wait",
    load: async () => (await import("./cli/hub.ts")).hubStopCommand,
  },
  {
    name: "hub claim",
    summary: "Say that this hub publishes from now on, after it was put back from a backup, copied or moved",
    load: async () => (await import("./cli/hub-claim.ts")).hubClaimCommand,
  },
  {
    name: "hub move",
    summary: "Move everything to another Postgres (or back to embedded), verified before the switch",
    load: async () => (await import("./cli/hub-move.ts")).hubMoveCommand,
  },
  {
    name: "backup",
    summary: "Write all posts, sign-ins, settings and media into one encrypted file, while PSN goes on",
    load: async () => (await import("./cli/backup.ts")).backupCommand,
  },
  {
    name: "restore",
    summary: "Make a hub of such a file where there is none; it sends nothing before psn hub claim",
    load: async () => (await import("./cli/restore.ts")).restoreCommand,
  },
];

if (import.meta.main) process.exitCode = await runMain(entries, process.argv.slice(2));
