/** PostgreSQL refuses to run as root; these find, or make, the user it runs as then. */
import { readFile, stat } from "node:fs/promises";
import { dirname } from "node:path";
import { PsnError, systemCode } from "../../errors.ts";
import { type RunAs, run } from "./run.ts";

const SYSTEM_USER = "psn-hub";
/** Who the server runs as where no user can be made. */
const OTHER_USERS = ["postgres", "_postgres"];
/**
 * `nobody`, by its numbers on Linux, BSD and macOS, on older Red Hats, and on Solaris: whatever has no owner of its own is theirs, files of
 * a network disk and processes of any service, so it is no user that keeps anything from others. A name that is given such a number
 * is no better.
 */
const NOBODY: ReadonlySet<number> = new Set([65_534, 4_294_967_294, 99, 60_001]);
const COMMAND_MS_MAX = 15_000;

export interface SystemUser extends RunAs {
  name: string;
}

/** True when this process is root and so needs another user for the server. */
export function isRoot(): boolean {
  return process.geteuid?.() === 0;
}

/**
 * Bun before 1.4 starts a program as another user only in name: it stays root's.
 * @throws PsnError HUB_NO_USER
 */
export function requireUserSwitch(bun: string | undefined = process.versions.bun): void {
  if (bun === undefined || !/^1\.[0-3]\./.test(bun)) return;
  throw new PsnError("HUB_NO_USER", `PostgreSQL may not run as root, and Bun ${bun} cannot start it as another user.`, {
    hint: "Use Bun 1.4 or Node 22.18, run PSN as an ordinary user, or set DATABASE_URL.",
  });
}

/**
 * The user the server of a new hub runs as: `psn-hub`, made on first use; where no user can be made, `postgres`
 * or `_postgres`. A hub that exists is run by the owner of its folder, so this answer may differ later.
 *
 * @throws PsnError HUB_NO_USER when the system has none of them
 */
export async function systemUser(name = SYSTEM_USER): Promise<SystemUser> {
  const found = await lookUp(name);
  if (found !== null) return found;
  // The first is for most Linux systems, the second for BusyBox. Two processes may try at once: one of them wins.
  const ways: [string, string[]][] = [
    ["useradd", ["--system", "--no-create-home", "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", name]],
    ["adduser", ["-S", "-D", "-H", "-h", "/nonexistent", "-s", "/sbin/nologin", name]],
  ];
  for (const [command, args] of ways) {
    await run(command, args, { timeoutMs: COMMAND_MS_MAX });
    const made = await lookUp(name);
    if (made !== null) return made;
  }
  for (const other of OTHER_USERS) {
    const user = await lookUp(other);
    if (user !== null) return user;
  }
  throw new PsnError("HUB_NO_USER", "PostgreSQL may not run as root, and this system has no other user for it.", {
    hint: `Create one (useradd --system ${name}), run PSN as an ordinary user, or set DATABASE_URL.`,
  });
}

/** Is it a user that root's server may run as? What belongs to anybody else is read and changed by them. */
export async function isSystemUser(uid: number): Promise<boolean> {
  for (const name of [SYSTEM_USER, ...OTHER_USERS]) if ((await lookUp(name))?.uid === uid) return true;
  return false;
}

async function lookUp(name: string): Promise<SystemUser | null> {
  const listed = parsePasswd(await readFile("/etc/passwd", "utf8").catch(() => "")).find((user) => user.name === name);
  if (listed !== undefined) return usable(listed);
  // Users of a directory service, and all of macOS, are not in the file.
  const [uid, gid] = await Promise.all(
    ["-u", "-g"].map((flag) => run("id", [flag, name], { timeoutMs: COMMAND_MS_MAX })),
  );
  if (uid?.code !== 0 || gid?.code !== 0) return null;
  return usable({ name, uid: Number(uid.output.trim()), gid: Number(gid.output.trim()) });
}

/** Root under another name is no way out, and neither is nobody. */
export function usable(user: SystemUser): SystemUser | null {
  const isOwner = Number.isInteger(user.uid) && user.uid > 0 && !NOBODY.has(user.uid);
  return isOwner && Number.isInteger(user.gid) ? user : null;
}

function parsePasswd(text: string): SystemUser[] {
  return text
    .split("\n")
    .map((line) => line.split(":"))
    .filter((fields) => fields.length >= 4)
    .map(([name = "", , uid, gid]) => ({ name, uid: Number(uid), gid: Number(gid) }));
}

/** The name of a uid for people; the number when it has none. */
export async function userName(uid: number): Promise<string> {
  const listed = parsePasswd(await readFile("/etc/passwd", "utf8").catch(() => "")).find((user) => user.uid === uid);
  return listed?.name ?? String(uid);
}

/**
 * Can this user walk into `folder`? Judged by the mode bits of every folder on the way, which is how /root, 0700, keeps
 * a checkout or a HOME under it out of reach. Access lists are not looked at: they may only make the answer too
 * careful, or fail later with the system's own words.
 */
export async function canReach(user: RunAs, folder: string): Promise<boolean> {
  for (let path = folder; ; path = dirname(path)) {
    let facts: { uid: number; gid: number; mode: number };
    try {
      facts = await stat(path);
    } catch (error) {
      if (systemCode(error) === "ENOENT") return false;
      throw error;
    }
    const shift = facts.uid === user.uid ? 6 : facts.gid === user.gid ? 3 : 0;
    if (((facts.mode >> shift) & 1) === 0) return false;
    if (dirname(path) === path) return true;
  }
}
