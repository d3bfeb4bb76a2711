/** `psn trigger init`: the folder that Trigger.dev's CLI deploys, so that an installed PSN needs no checkout. */
import { resolve } from "node:path";
import { z } from "zod";
import { writeTriggerFolder } from "../doctor/trigger-folder.ts";
import { defineCommand, flag } from "./_command.ts";

export const triggerInitCommand = defineCommand({
  input: z.object({
    folder: z.string().min(1).default("psn-trigger").meta({ position: 0, description: "the folder to write" }),
    force: flag("Also replace files there that differ"),
  }),
  examples: ["psn trigger init", "psn trigger init ~/psn-trigger"],
  answer: z.object({ folder: z.string(), written: z.array(z.string()), steps: z.array(z.string()) }),
  async run(io, { folder, force }) {
    const target = resolve(io.cwd, folder);
    const willWrite = () => io.willWrite(`write Trigger.dev's project into ${target}`);
    const written = await writeTriggerFolder(target, io.env, { replace: force, willWrite });
    return { folder: target, written, steps: stepsOf(target) };
  },
  render: ({ folder, written, steps }) =>
    [
      written.length === 0
        ? `Everything in ${folder} is as it should be.`
        : `Wrote ${written.join(", ")} in ${folder}.`,
      "Then:",
      ...steps.map((step) => `  ${step}`),
    ].join("\n"),
});

// --- internal ---

function stepsOf(folder: string): string[] {
  return [
    `cd '${folder.replaceAll("'", "'\\''")}' && npm install`,
    "npx trigger.dev@4.8.3 login (a server of your own: login -a URL --profile self)",
    "npx trigger.dev@4.8.3 deploy (a server of your own: --profile self)",
    "psn setup --engine trigger",
  ];
}
