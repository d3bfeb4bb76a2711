/** `psn config get`: what is set, and where it comes from. */
import { z } from "zod";
import { PsnError } from "../core/errors.ts";
import { configDir } from "../core/utils/env.ts";
import { settings } from "../core/utils/settings.ts";
import { defineCommand, flag } from "./_command.ts";

const SettingSchema = z.object({
  name: z.string(),
  value: z.string().nullable().meta({ description: "null when it is not set; a secret is “(set)”" }),
  source: z.enum(["environment", "hub.env", "keys.env", "default", "not set"]),
});

export const configGetCommand = defineCommand({
  input: z.object({
    name: z.string().optional().meta({ position: 0, description: "one setting, such as PSN_TIMEZONE" }),
    all: flag("Also what is not set"),
  }),
  examples: ["psn config get", "psn config get PSN_TIMEZONE", "psn config get --all"],
  answer: z.object({ folder: z.string(), settings: z.array(SettingSchema) }),
  async run(io, { name, all }) {
    const found = await settings(io.env);
    const folder = configDir(io.env);
    if (name === undefined) return { folder, settings: found.filter(({ value }) => all || value !== null) };
    const wanted = found.filter((one) => one.name === name.toUpperCase());
    if (wanted.length === 0) {
      throw new PsnError("USAGE", `There is no setting ${name.slice(0, 60)}.`, {
        hint: "psn config get --all lists all.",
      });
    }
    return { folder, settings: wanted };
  },
  render: ({ folder, settings: found }, paint) =>
    [
      `Stored in ${folder}; the environment wins over it.`,
      ...found.map(({ name, value, source }) => `${name.padEnd(28)} ${value ?? "–"}  ${paint.dim(source)}`),
    ].join("\n"),
});
