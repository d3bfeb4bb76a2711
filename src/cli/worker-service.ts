/**
 * The worker as a service of the user's own session: a systemd user unit on Linux, a launchd agent on macOS. The texts
 * are pure functions; they hold no secret, since the worker reads config/ itself.
 */
import { execFile } from "node:child_process";
import { mkdir, rm } from "node:fs/promises";
import { homedir } from "node:os";
import { dirname, isAbsolute, join } from "node:path";
import { readOwnFile } from "../core/config/own-file.ts";
import { replaceFile } from "../core/config/whole-file.ts";
import { PsnError } from "../core/errors.ts";
import type { Env } from "../core/utils/env.ts";

const UNIT = "psn-worker.service";
const AGENT = "dev.psn.worker";
const SERVICE_BYTES_MAX = 64 * 1024;
const CALL_MS_MAX = 20_000;
const LINES_MAX = 20;
/** The last is Node's, which heeds the others only with it. */
const PROXY_NAMES = [
  "HTTPS_PROXY",
  "https_proxy",
  "HTTP_PROXY",
  "http_proxy",
  "NO_PROXY",
  "no_proxy",
  "NODE_USE_ENV_PROXY",
];

export interface ServicePlan {
  manager: "systemd" | "launchd";
  file: string;
  text: string;
  /** Commands that make the manager start it, stop it, and report on it. */
  start: string[][];
  stop: string[][];
  query: string[];
  /** Answers "yes" where a user's services stay after a logout; null where that is no question. */
  lingers: string[] | null;
  /** What its log says, as a command or as the end of a file. */
  log: string[] | { file: string };
}

export interface ServiceInput {
  platform: NodeJS.Platform;
  env: Env;
  uid: number;
  /** The command to run, absolute. */
  psn: string;
  configDir: string;
  dataDir: string;
}

/** @throws PsnError SERVICE_UNSUPPORTED */
export function planService(input: ServiceInput): ServicePlan {
  const home = input.env.HOME || homedir();
  const variables = {
    // bin/psn looks for its runtime there; a service has a PATH of its own otherwise.
    PATH: input.env.PATH || "/usr/local/bin:/usr/bin:/bin",
    PSN_CONFIG_DIR: input.configDir,
    PSN_DATA_DIR: input.dataDir,
    ...proxiesOf(input.env),
  };
  if (input.platform === "linux") {
    const given = input.env.XDG_CONFIG_HOME ?? "";
    const folder = isAbsolute(given) ? given : join(home, ".config");
    return {
      manager: "systemd",
      file: join(folder, "systemd", "user", UNIT),
      text: systemdUnit(input.psn, variables),
      start: [
        ["systemctl", "--user", "daemon-reload"],
        ["systemctl", "--user", "enable", UNIT],
        ["systemctl", "--user", "restart", UNIT],
      ],
      stop: [["systemctl", "--user", "disable", "--now", UNIT]],
      query: ["systemctl", "--user", "is-active", UNIT],
      lingers: ["loginctl", "show-user", String(input.uid), "--property=Linger", "--value"],
      log: ["journalctl", "--user", `--unit=${UNIT}`, "--lines=8", "--no-pager", "--output=cat"],
    };
  }
  if (input.platform === "darwin") {
    const file = join(home, "Library", "LaunchAgents", `${AGENT}.plist`);
    const domain = `gui/${input.uid}`;
    return {
      manager: "launchd",
      file,
      text: launchdAgent(input.psn, variables, join(input.dataDir, "worker.log")),
      start: [
        ["launchctl", "bootout", `${domain}/${AGENT}`],
        ["launchctl", "bootstrap", domain, file],
      ],
      stop: [["launchctl", "bootout", `${domain}/${AGENT}`]],
      query: ["launchctl", "print", `${domain}/${AGENT}`],
      lingers: null,
      log: { file: join(input.dataDir, "worker.log") },
    };
  }
  throw new PsnError("SERVICE_UNSUPPORTED", `PSN knows no service manager on ${input.platform}.`, {
    hint: "Let whatever starts programs on this machine run psn worker: cron (@reboot), a supervisor, or a tmux that stays open.",
  });
}

/** Writes the file when it differs. @returns whether it was written */
export async function writeService(plan: ServicePlan): Promise<boolean> {
  if ((await readService(plan)) === plan.text) return false;
  await mkdir(dirname(plan.file), { recursive: true, mode: 0o700 });
  await replaceFile(plan.file, plan.text);
  return true;
}

/** @returns whether there was one */
export async function removeService(plan: ServicePlan): Promise<boolean> {
  const wasThere = (await readService(plan)) !== null;
  await rm(plan.file, { force: true });
  return wasThere;
}

export async function readService(plan: ServicePlan): Promise<string | null> {
  return await readOwnFile(plan.file, SERVICE_BYTES_MAX).catch((error) => {
    if (error instanceof PsnError) throw error;
    return null;
  });
}

/**
 * The way out that this terminal has, which a service would not: without it X is out of reach for the worker. One that holds a password
 * stays where it is, for the service's file is no place for it.
 */
export function proxiesOf(env: Env): Record<string, string> {
  const given = PROXY_NAMES.flatMap((name) => (env[name] ? [[name, env[name]] as const] : []));
  return Object.fromEntries(given.filter(([, value]) => !hasPassword(value)));
}

/** The proxies of this terminal that a service is not given. */
export const secretProxiesOf = (env: Env): string[] => PROXY_NAMES.filter((name) => hasPassword(env[name] ?? ""));

/** Runs a command of the service manager. Never throws: a machine may have none, or no session for it. */
export async function callManager(
  command: string[],
  env: Env,
): Promise<{ ok: boolean; says: string; lines: string[] }> {
  const [file = "", ...args] = command;
  return await new Promise((resolve) => {
    execFile(file, args, { timeout: CALL_MS_MAX, env: env as NodeJS.ProcessEnv }, (error, stdout, stderr) => {
      const lines = `${stdout}${stderr}`
        .trim()
        .split("\n")
        .slice(0, LINES_MAX)
        .map((line) => line.slice(0, 300));
      resolve({ ok: error === null, says: lines[0] || (error?.message.slice(0, 300) ?? ""), lines });
    });
  });
}

// --- internal ---

const hasPassword = (value: string) => /\/\/[^/]*@/.test(value) || (value.includes("@") && !value.includes("//"));

function systemdUnit(psn: string, variables: Record<string, string>): string {
  const environment = Object.entries(variables).map(([name, value]) => `Environment=${unitQuoted(`${name}=${value}`)}`);
  return [
    "[Unit]",
    "Description=PSN worker: publishes scheduled posts",
    "",
    "[Service]",
    // Through sh, as an argument: the program itself may have no quote in its path, and no $ that is written as $$.
    // --also: beside a worker that somebody runs by hand it must not refuse and be restarted endlessly.
    `ExecStart=/bin/sh ${unitQuoted(psn).replaceAll("$", "$$$$")} worker --also`,
    ...environment,
    "Restart=always",
    "RestartSec=5",
    // Longer than the worker takes to hand its posts back.
    "TimeoutStopSec=60",
    "",
    "[Install]",
    "WantedBy=default.target",
    "",
  ].join("\n");
}

/** In double quotes, with systemd's specifiers taken literally. Variables are replaced in ExecStart's arguments only. */
function unitQuoted(text: string): string {
  return `"${text.replace(/[\\"]/g, "\\$&").replaceAll("%", "%%")}"`;
}

function launchdAgent(psn: string, variables: Record<string, string>, log: string): string {
  const string = (text: string) =>
    `<string>${text.replace(/[<>&]/g, (mark) => ({ "<": "&lt;", ">": "&gt;", "&": "&amp;" })[mark] ?? mark)}</string>`;
  return `<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE plist PUBLIC "-//Apple//DTD PLIST 1.0//EN" "http://www.apple.com/DTDs/PropertyList-1.0.dtd">
<plist version="1.0">
<dict>
  <key>Label</key>${string(AGENT)}
  <key>ProgramArguments</key>
  <array>${[psn, "worker", "--also"].map(string).join("")}</array>
  <key>EnvironmentVariables</key>
  <dict>
${Object.entries(variables)
  .map(([name, value]) => `    <key>${name}</key>${string(value)}`)
  .join("\n")}
  </dict>
  <key>RunAtLoad</key><true/>
  <key>KeepAlive</key><true/>
  <key>ThrottleInterval</key><integer>5</integer>
  <key>ExitTimeOut</key><integer>60</integer>
  <key>StandardErrorPath</key>${string(log)}
  <key>Umask</key><integer>${0o077}</integer>
</dict>
</plist>
`;
}
