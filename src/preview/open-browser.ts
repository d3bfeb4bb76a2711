/** Opens an address in the person's browser without putting it into the arguments of a process, which anybody on the machine can list. */
import { spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { html } from "../page/html.ts";

type Env = Record<string, string | undefined>;

const STARTED_MS_MAX = 5_000;

export interface Opened {
  /** Whether a browser was found and started; it may still be unable to show anything. */
  isOpen: boolean;
  /** Takes the file away that led to the address. */
  close(): Promise<void>;
}

/** Leads a browser to `url` by a file that only this user can read. */
export async function openBrowser(
  url: string,
  env: Env,
  platform: NodeJS.Platform = process.platform,
): Promise<Opened> {
  const opener = openerOf(env, platform);
  if (opener === null) return { isOpen: false, close: async () => {} };
  const folder = await mkdtemp(join(tmpdir(), "psn-open-"));
  const close = () => rm(folder, { recursive: true, force: true });
  const file = join(folder, "open.html");
  const page = html`<!doctype html><meta charset="utf-8"><meta name="referrer" content="no-referrer"><meta http-equiv="refresh" content="0;url=${url}"><title>PSN</title><a href="${url}">To the page</a>`;
  await writeFile(file, page.markup, { mode: 0o600 });
  const isOpen = await starts(opener, pathToFileURL(file).href, env);
  if (!isOpen) await close();
  return { isOpen, close };
}

// --- internal ---

/** The program that opens an address; null where nobody would see a browser. */
function openerOf(env: Env, platform: NodeJS.Platform): string | null {
  if (env.BROWSER === "none" || env.SSH_CONNECTION) return null;
  if (env.BROWSER) return env.BROWSER;
  if (platform === "darwin") return "open";
  return env.DISPLAY || env.WAYLAND_DISPLAY ? "xdg-open" : null;
}

async function starts(program: string, argument: string, env: Env): Promise<boolean> {
  return await new Promise((resolve) => {
    const child = spawn(program, [argument], { env: env as NodeJS.ProcessEnv, detached: true, stdio: "ignore" });
    // One that goes on running is a browser itself.
    const timer = setTimeout(() => resolve(true), STARTED_MS_MAX);
    const end = (isOpen: boolean) => {
      clearTimeout(timer);
      resolve(isOpen);
    };
    child.once("error", () => end(false));
    child.once("exit", (code) => end(code === 0));
    child.unref();
  });
}
