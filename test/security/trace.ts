/** What a program and its children look for in the folder they stand in and in those above it, found or not, by strace. */
import { spawnSync } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { dirname, join, resolve } from "node:path";

/** Linux's strace, where it is installed and the system lets a process be traced. */
export const canTrace = spawnSync("strace", ["-f", "-qq", "--seccomp-bpf", "-o", "/dev/null", "true"]).status === 0;
/** .ci/run sets it: there a test that cannot trace fails. */
export const isTraceRequired = process.env.PSN_REQUIRE_STRACE === "1";
export const HOW_TO_TRACE = "What is looked for cannot be traced here: install strace (apt-get install strace).";

const OPTIONS = ["-f", "-qq", "-y", "-s", "4096", "--seccomp-bpf", "-e", "trace=%file", "-e", "signal=none"];
/** Folders of the system's own in `/`, and one file that Chromium asks for: no one but root can put something there. */
const OF_THE_SYSTEM =
  /^(bin|boot|dev|etc|home|lib|lib32|lib64|libx32|mnt|opt|proc|root|run|sbin|selinux|srv|sys|tmp|usr|var|\.flatpak-info)(\/|$)/;

/** By mkdtemp: made anew under a name that nobody can know before, with the mode 0700. */
const TEMPORARY = /^psn-[a-z]+-([0-9a-f]{8}-)?\w{6}(\/|$)/;

/** A name that was looked for, and in which folder. */
export interface Sought {
  folder: string;
  name: string;
}

/** The command that runs `command` under strace, and what `cwd` and the folders above it were asked for. */
export function tracing(command: readonly string[], cwd: string, known: readonly string[]) {
  const file = join(tmpdir(), `psn-trace-${randomBytes(6).toString("hex")}`);
  return {
    command: ["strace", ...OPTIONS, "-o", file, ...command],
    async sought(): Promise<Sought[]> {
      const text = await readFile(file, "utf8");
      await rm(file);
      return soughtIn(text, cwd, known);
    },
  };
}

/** The folder itself and all above it. */
export function withAbove(folder: string): string[] {
  return folder === "/" ? ["/"] : [folder, ...withAbove(dirname(folder))];
}

// --- internal ---

/** `known` are folders that the program has a right to, its own and its user's, and those on the way there. */
function soughtIn(text: string, cwd: string, known: readonly string[]): Sought[] {
  const folders = withAbove(cwd);
  const found = new Map<string, Sought>();
  for (const [, base, path = ""] of text.matchAll(/\((?:(?:AT_FDCWD|\d+)<([^>]*)>, )?"((?:[^"\\]|\\.)+)"/g)) {
    const absolute = resolve(base ?? cwd, path);
    if (known.some((own) => `${absolute}/`.startsWith(`${own}/`) || `${own}/`.startsWith(`${absolute}/`))) continue;
    const folder = folders.find((one) => absolute.startsWith(one === "/" ? one : `${one}/`)) ?? "/";
    const name = absolute.slice(folder === "/" ? 1 : folder.length + 1);
    // A folder above is looked at on the way to the one below.
    if (TEMPORARY.test(name) && withAbove(tmpdir()).concat("/tmp").includes(folder)) continue;
    if (name === "" || folders.includes(absolute) || (folder === "/" && OF_THE_SYSTEM.test(name))) continue;
    found.set(absolute, { folder, name });
  }
  return [...found.values()];
}
