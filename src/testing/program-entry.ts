/** What `program.ts` builds: PSN as bin/psn starts it. */
import "../package/as-bin-psn.ts";
import { runMain } from "../cli/_main.ts";
import { entries } from "../psn.ts";

void runMain(entries, process.argv.slice(2)).then((code) => {
  process.exitCode = code;
});
