/** What bin/psn.mjs of the published package loads. In a checkout bin/psn starts src/psn.ts itself. */
import { runMain } from "../cli/_main.ts";
import { entries } from "../psn.ts";

hideSqliteWarning();
process.exitCode = await runMain(entries, process.argv.slice(2));

// --- internal ---

/** Node 22 and 24 call node:sqlite experimental on stderr; PSN takes only a file lock through it (core/config/lock.ts). */
function hideSqliteWarning(): void {
  const listeners = process.listeners("warning");
  process.removeAllListeners("warning");
  process.on("warning", (warning) => {
    if (warning.name === "ExperimentalWarning" && warning.message.includes("SQLite")) return;
    for (const listener of listeners) listener.call(process, warning);
  });
}
