/**
 * What bin/psn.mjs loads for `psn`, `psn --help` and `psn --version`: the same code as main.ts, built into one file without what is loaded
 * when a command is called. Each file that Node opens is a part of a millisecond, and main.ts shares a dozen with the commands.
 */
import { runMain } from "../cli/_main.ts";
import { entries } from "../psn.ts";

process.exitCode = await runMain(entries, process.argv.slice(2));
