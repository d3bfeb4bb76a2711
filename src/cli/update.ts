/** `psn update`: the command that brings this PSN up to date, and what changed in the version that is here. */
import { z } from "zod";
import { version } from "../../package.json";
import { changes, installation } from "../doctor/installation.ts";
import { defineCommand } from "./_command.ts";

export const updateCommand = defineCommand({
  input: z.object({}),
  answer: z.object({
    version: z.string(),
    installedBy: z.enum(["checkout", "npm", "bun", "binary"]),
    folder: z.string(),
    run: z.string().meta({ description: "The command to run; PSN does not change itself" }),
    after: z.array(z.string()),
    changes: z.array(z.object({ title: z.string(), text: z.string() })),
  }),
  async run() {
    const { by, folder, update } = installation();
    const after = [
      "The next command brings the hub up to date. A worker that runs goes on; restart it when you like.",
      "Tasks at Trigger.dev: deploy them again.",
    ];
    return { version, installedBy: by, folder, run: update, after, changes: await changes() };
  },
  render: ({ version: here, run, after, changes: [newest] }) =>
    [
      `This is PSN ${here}. To update, run (with the file of the newest release, where one is named):`,
      `  ${run}`,
      ...after,
      ...(newest ? ["", `What changed (${newest.title}):`, newest.text] : []),
    ].join("\n"),
});
