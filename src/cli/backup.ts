/** `psn backup`: everything of this PSN in one encrypted file. */
import { resolve } from "node:path";
import { z } from "zod";
import { version } from "../../package.json";
import { backUp, requireRoomFor } from "../core/backup/backup.ts";
import { wallClock } from "../core/clock.ts";
import { allSettings } from "../core/utils/env.ts";
import { withApp } from "./_app.ts";
import { defineCommand } from "./_command.ts";
import { PASSPHRASE_FIELDS, readPassphrase } from "./_passphrase.ts";

export const backupCommand = defineCommand({
  input: z.object({
    file: z.string().meta({ position: 0, description: "The file to write; it must not be there yet" }),
    ...PASSPHRASE_FIELDS,
  }),
  examples: [
    "psn backup psn.age",
    'psn backup "psn-$(date +%F).age" --passphrase-file ~/.psn-passphrase',
    "psn backup psn.age < passphrase.txt",
  ],
  answer: z.object({
    file: z.string(),
    byteLength: z.number(),
    madeAt: z.string(),
    tables: z.number(),
    rows: z.number(),
    media: z.number(),
    missingMedia: z.array(z.string()).meta({ description: "Files of posts that the media store does not have whole" }),
  }),
  async run(io, { file: named, passphraseFile }) {
    const file = resolve(io.cwd, named);
    return await withApp(io, async ({ hub, media }) => {
      await requireRoomFor(file);
      const passphrase = await readPassphrase(io, passphraseFile, true);
      const settings = await allSettings(io.env);
      const willWrite = () => io.willWrite(`write ${file}`);
      const deps = { hub, store: media.backend, settings, clock: wallClock, version, signal: io.signal, willWrite };
      return await backUp(deps, file, passphrase);
    });
  },
  render: ({ file, byteLength, rows, tables, media, missingMedia }) =>
    [
      `Wrote ${file} (${(byteLength / 1e6).toFixed(1)} MB): ${rows} rows of ${tables} tables, the settings and keys, ${media} media files. It was read back and is whole.`,
      ...(missingMedia.length > 0
        ? [`${missingMedia.length} media files of posts are not whole here: psn media verify`]
        : []),
      "Without its passphrase nobody can open it, you neither. Another machine takes it by psn restore.",
    ].join("\n"),
});
