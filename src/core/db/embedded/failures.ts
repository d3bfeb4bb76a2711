/** What can go wrong with the embedded server, as a `PsnError`. The first true reason wins over a general one. */
import { PsnError, systemCode } from "../../errors.ts";

const FREE_SPACE_HINT = "Free some space on that disk and run the command again. Nothing that was saved is lost.";

const permissionHint = (path: string) =>
  `Where the folder is yours: chmod -R u+rwX '${path.replaceAll("'", "'\\''")}'. Else run PSN as the user whose it is.`;

export function permissionDenied(path: string, detail: string, cause?: unknown): PsnError {
  return new PsnError("HUB_PERMISSION_DENIED", `PSN may not use ${path}: ${detail}.`, {
    hint: permissionHint(path),
    details: { path },
    ...(cause === undefined ? {} : { cause }),
  });
}

/** Turns an error of the file system into one that a person can act on; anything unknown comes back as it is. */
function fileError(error: unknown, path: string): unknown {
  switch (systemCode(error)) {
    case "ENOSPC":
    case "EDQUOT":
      return new PsnError("HUB_DISK_FULL", `There is no space left for the hub at ${path}.`, {
        hint: FREE_SPACE_HINT,
        details: { path },
        cause: error,
      });
    case "EACCES":
    case "EPERM":
      return permissionDenied(path, "the system denies it", error);
    case "EROFS":
      return permissionDenied(path, "that file system is read-only", error);
    case "ENOTDIR":
    case "ELOOP":
    case "ENAMETOOLONG":
      return new PsnError("HUB_DATA_INVALID", `${path} cannot be a data folder (${systemCode(error)}).`, {
        hint: "Set another data folder.",
        details: { path },
        cause: error,
      });
    default:
      return error;
  }
}

/** Runs `act` and explains its file system errors as above. */
export async function withFileErrors<T>(path: string, act: () => Promise<T>): Promise<T> {
  try {
    return await act();
  } catch (error) {
    throw fileError(error, path);
  }
}

/**
 * Judges what initdb or postgres said before it gave up. `output` is its last lines, in English because both run with
 * the C locale; the settings in `server.ts` keep statements and row values out of it.
 */
export function startFailure(what: "initdb" | "postgres", output: string, dataDir: string, logFile: string): PsnError {
  const lines = output.trim().split("\n").slice(-8).join("\n");
  const details = { dataDir, logFile, output: lines };
  if (/No space left on device|Disk quota exceeded|Check free disk space/i.test(output)) {
    return new PsnError("HUB_DISK_FULL", `There is no space left for the hub at ${dataDir}.`, {
      hint: FREE_SPACE_HINT,
      details,
    });
  }
  if (/database files are incompatible with server/i.test(output)) return versionMismatch(dataDir, "another", "this");
  if (/Permission denied|Operation not permitted|Read-only file system/i.test(output)) {
    return new PsnError("HUB_PERMISSION_DENIED", `The hub at ${dataDir} may not use a file it needs:\n${lines}`, {
      hint: permissionHint(dataDir),
      details,
    });
  }
  if (/could not look up effective user ID/i.test(output)) {
    return new PsnError("HUB_START_FAILED", "PostgreSQL needs a name for the user PSN runs as, and it has none.", {
      hint: "Add the user to /etc/passwd (containers often run a bare number), or set DATABASE_URL to a Postgres of your own.",
      details,
    });
  }
  const where = what === "initdb" ? "" : `The whole log is at ${logFile}. `;
  return new PsnError("HUB_START_FAILED", `The hub did not start (${what}). Its last lines:\n${lines || "(none)"}`, {
    hint: `${where}You can also set DATABASE_URL to a Postgres of your own.`,
    details,
  });
}

export function versionMismatch(dataDir: string, found: string, wanted: string): PsnError {
  return new PsnError(
    "HUB_VERSION_MISMATCH",
    `The hub at ${dataDir} was made by PostgreSQL ${found}; this PSN brings PostgreSQL ${wanted}.`,
    {
      hint: "Use the PSN version that made it, or set another data folder. The data is untouched.",
      details: { dataDir, found, wanted },
    },
  );
}
