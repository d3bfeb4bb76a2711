/** The two files of the configuration: there, closed to others, readable, and not overruled by accident. */
import { chmod, lstat, stat } from "node:fs/promises";
import { oddLineOf } from "../core/config/env-file.ts";
import { IS_PACKAGE, userConfigDir } from "../core/config/folders.ts";
import { configDir, type Env, hubFile, keysFile, loadHubEnv, readEnvFile } from "../core/utils/env.ts";
import { type Finding, fault, finding, ok, warning } from "./finding.ts";

/** Said by the environment alone: it is where the files are. */
const WORLDWIDE = new Set(["PSN_CONFIG_DIR"]);

export async function checkConfig(env: Env): Promise<Finding[]> {
  const hub = hubFile(env);
  if (!env.ENCRYPTION_KEY && !(await isThere(hub))) {
    return [fault("config.files", `${hub} is not there: PSN is not set up.`, "psn setup")];
  }
  const found = [
    (await isThere(hub)) ? place(env) : ok("config.files", "From the environment; no file is needed."),
    ...(await modes([configDir(env), 0o700], [hub, 0o600], [keysFile(env), 0o600])),
    ...(await oddLines(hub, keysFile(env))),
    ...(await finding("config.values", async () => {
      const { warnings } = await loadHubEnv(env);
      // Modes have a check of their own.
      const rest = warnings.filter((text) => !text.includes("chmod"));
      return rest.length === 0
        ? ok("config.values", "Every value can be read.")
        : rest.map((text) => warning("config.values", text, "Correct it where it is set, then: psn doctor"));
    })),
    ...(await finding("config.environment", () => overruled(env, hub, keysFile(env)))),
    ...(await finding("config.old_key", async () => {
      const { values } = await readEnvFile(hub);
      return values.ENCRYPTION_KEY_OLD
        ? warning("config.old_key", "A change of the encryption key was begun and not finished.", "psn keys rotate")
        : ok("config.old_key", "One encryption key.");
    })),
  ];
  // A file that cannot be read is what each of its checks says.
  return found.filter((one, at) => one.fix === null || found.findIndex(({ says }) => says === one.says) === at);
}

// --- internal ---

const isThere = (path: string) =>
  stat(path).then(
    () => true,
    () => false,
  );

function place(env: Env): Finding {
  const folder = configDir(env);
  if (IS_PACKAGE || env.PSN_CONFIG_DIR) return ok("config.files", folder);
  return ok(
    "config.files",
    `${folder}, in the checkout: deleting the clone deletes the encryption key. To keep it elsewhere, move the folder to ${userConfigDir(env)} and set PSN_CONFIG_DIR to that.`,
  );
}

/** Who may read the keys. Repaired by taking rights away, never by giving any. */
async function modes(...paths: [path: string, allowed: number][]): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const [path, allowed] of paths) {
    const facts = await lstat(path).catch(() => null);
    // A link, or a folder in a file's place, is refused where it is read; chmod would change what it leads to, or close it.
    if (facts === null || facts.isSymbolicLink() || facts.isDirectory() !== (allowed === 0o700)) continue;
    const mode = facts.mode & 0o777;
    if ((mode & ~allowed) === 0) continue;
    const quoted = `'${path.replaceAll("'", "'\\''")}'`;
    found.push(
      fault(
        "config.permissions",
        `Others on this machine can reach ${path} (mode ${mode.toString(8)}).`,
        `chmod ${allowed.toString(8)} ${quoted}`,
        () => chmod(path, mode & allowed),
      ),
    );
  }
  return found.length > 0 ? found : [ok("config.permissions", "Nobody else can read the keys.")];
}

/** A file that cannot be read at all is told of where its values are. */
async function oddLines(...files: string[]): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const file of files) {
    const line = await oddLineOf(file).catch(() => null);
    if (line === null) continue;
    const says = `Line ${line} of ${file} is read as no setting: it is no NAME=value, or a quotation above takes it in.`;
    found.push(fault("config.lines", says, "Repair or remove it: what stands below may be lost with it."));
  }
  return found;
}

async function overruled(env: Env, ...files: string[]): Promise<Finding[]> {
  const found: Finding[] = [];
  for (const file of files) {
    const { values } = await readEnvFile(file);
    for (const [name, value] of Object.entries(values)) {
      if (WORLDWIDE.has(name) || !env[name] || env[name] === value) continue;
      found.push(
        warning(
          "config.environment",
          `${name} of this terminal's environment wins over ${file}; a service would use the file's.`,
          `unset ${name}`,
        ),
      );
    }
  }
  return found.length > 0 ? found : [ok("config.environment", "The environment overrules no stored value.")];
}
