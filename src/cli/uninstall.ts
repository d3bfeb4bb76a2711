/** `psn uninstall`: names all that is on this machine, and removes what is chosen, the data last. */
import { z } from "zod";
import { PsnError } from "../core/errors.ts";
import { dataDirOf } from "../core/utils/env.ts";
import { belongings, PARTS, type Part, removeBelongings } from "../doctor/belongings.ts";
import { installation } from "../doctor/installation.ts";
import { confirm } from "./_ask.ts";
import { defineCommand, flag, type Io } from "./_command.ts";
import { hubWorkers } from "./hub.ts";
import { removeInstalledService, serviceState } from "./worker-install.ts";

const BelongingSchema = z.object({ part: z.enum(PARTS), path: z.string(), what: z.string() });

export const uninstallCommand = defineCommand({
  input: z.object({
    service: flag("Remove the worker's service"),
    config: flag("Remove the configuration: the X app's keys, the encryption key, agents' skills"),
    data: flag("Remove the hub and media: all posts, accounts and sign-ins, for good; ends the sandbox"),
    all: flag("All three"),
    yes: flag("Do not ask", ["y"]),
  }),
  examples: ["psn uninstall", "psn uninstall --service", "psn uninstall --all"],
  answer: z.object({
    found: z.array(BelongingSchema),
    removed: z.array(z.enum(PARTS)),
    left: z.array(BelongingSchema),
    program: z.string().meta({ description: "The command that removes PSN itself" }),
  }),
  async run(io, { all, yes, service: ofService, config, data }) {
    const wanted = { service: ofService, config, data };
    const found = await belongings(io.env, await serviceState(io).catch(() => null));
    const parts = PARTS.filter((part) => (all || wanted[part]) && found.some((one) => one.part === part));
    const program = installation().remove;
    const touched = found.filter(({ part }) => parts.includes(part));
    if (touched.length === 0) return { found, removed: [], left: found, program };
    if (parts.includes("data")) await requireNoWorker(io, parts);
    await confirm(io, { yes }, `Remove ${touched.map(({ path }) => path).join(", ")}? It cannot be undone.`);
    io.willWrite(`remove ${touched.map(({ path }) => path).join(", ")}`);
    await removeBelongings(io.env, parts, { removeService: async () => void (await removeInstalledService(io)) });
    const left = await belongings(io.env, await serviceState(io).catch(() => null));
    return { found, removed: parts, left, program };
  },
  render({ found, removed, left, program }) {
    const lines = (list: typeof found) => list.map(({ part, path, what }) => `  ${part.padEnd(8)} ${path}  ${what}`);
    if (removed.length > 0) {
      const rest = left.length > 0 ? ["Still there:", ...lines(left)] : ["Nothing of PSN's is left but its program."];
      return [`Removed: ${removed.join(", ")}.`, ...rest, `The program itself: ${program}`].join("\n");
    }
    const none = ["Nothing of PSN's is on this machine but its program."];
    return [
      ...(found.length === 0 ? none : ["On this machine:", ...lines(found)]),
      ...(found.length === 0
        ? []
        : ["Remove with --service, --config, --data, or --all. A hub on a server of yours stays."]),
      `The program itself: ${program}`,
    ].join("\n");
  },
});

// --- internal ---

/** A worker would make a new hub in place of the one that goes. One that is a service goes first. */
async function requireNoWorker(io: Io, parts: readonly Part[]): Promise<void> {
  // Asked of the hub that goes, also where the settings cannot be read or name another one.
  const workers = (await hubWorkers(`${await dataDirOf(io.env)}/hub`)) ?? 0;
  const ofService = parts.includes("service") && (await serviceState(io).catch(() => null))?.active ? 1 : 0;
  if (workers <= ofService) return;
  throw new PsnError(
    "HUB_IN_USE",
    `${workers === 1 ? "A worker publishes" : `${workers} workers publish`} from this hub.`,
    {
      hint: "Stop it first: Ctrl-C where it runs, or psn uninstall --service.",
      details: { workers },
    },
  );
}
