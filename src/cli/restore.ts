/** `psn restore`: a backup becomes the hub, configuration and media of a machine that has none. */
import { join, resolve } from "node:path";
import { z } from "zod";
import { type Restored, type RestoreHost, restore } from "../core/backup/restore.ts";
import { requirePlace } from "../core/config/file-error.ts";
import { createHubConnection } from "../core/db/connection.ts";
import { lookBeforeStart, statusEmbedded } from "../core/db/embedded/index.ts";
import { markPlace } from "../core/db/mark.ts";
import { parseDatabaseUrl } from "../core/db/url.ts";
import { PsnError } from "../core/errors.ts";
import { chooseMediaStore } from "../core/media/choose.ts";
import { keyFromHex } from "../core/utils/crypto.ts";
import {
  asideKeysFile,
  defaultDataDir,
  hubFile,
  keysFile,
  markFile,
  type Settings,
  writeEnvFile,
} from "../core/utils/env.ts";
import { enqueueAllWaiting } from "../engines/embedded.ts";
import { hubEngine } from "../engines/switch.ts";
import { defineCommand, type Io } from "./_command.ts";
import { findFile } from "./_files.ts";
import { targetUrl } from "./_hub-url.ts";
import { PASSPHRASE_FIELDS, readPassphrase } from "./_passphrase.ts";

export const restoreCommand = defineCommand({
  input: z.object({
    file: z.string().meta({ position: 0, description: "A file of psn backup" }),
    to: z.string().optional().meta({
      placeholder: "URL",
      description:
        "The hub: embedded, or a Postgres URL without a password; else PSN_RESTORE_TO, DATABASE_URL, or embedded",
    }),
    ...PASSPHRASE_FIELDS,
  }),
  examples: [
    "psn restore psn.age",
    "psn restore psn.age --passphrase-file ~/.psn-passphrase",
    "PSN_RESTORE_TO=postgres://… psn restore psn.age",
  ],
  answer: z.object({
    file: z.string(),
    where: z.string(),
    madeAt: z.string(),
    tables: z.number(),
    rows: z.number(),
    media: z.number(),
    jobs: z.number(),
    config: z.string(),
    hints: z.array(z.string()),
  }),
  async run(io, { file: named, to, passphraseFile }) {
    const file = await findFile(io.cwd, named);
    const url = await wantedUrl(io, to);
    const passphrase = await readPassphrase(io, passphraseFile, false);
    const dataDir = defaultDataDir(io.env);
    await requirePlace(hubFile(io.env));
    if (url === "embedded") await lookBeforeStart({ dataDir: join(dataDir, "hub") });
    const place: Place = { url, dataDir, engine: "embedded" };
    const restored = await restore(file, passphrase, await hostOf(io, place, file));
    return { file, ...restored, config: hubFile(io.env), hints: hintsFor(place, restored) };
  },
  render: ({ where, rows, tables, media, madeAt, hints }) =>
    [
      `Restored ${rows} rows of ${tables} tables and ${media} media files, as they were at ${madeAt}, to ${where}; counts and checksums are equal.`,
      ...hints,
    ].join("\n"),
});

// --- internal ---

interface Place {
  url: string;
  dataDir: string;
  /** Of the backup. */
  engine: "embedded" | "trigger";
}

async function wantedUrl(io: Io, to: string | undefined): Promise<string> {
  const { DATABASE_URL, PSN_RESTORE_TO } = io.env;
  const named = to !== undefined || PSN_RESTORE_TO;
  if (named && DATABASE_URL) {
    throw new PsnError("CONFIG_OVERRIDDEN", "DATABASE_URL in the environment says already where the hub is.", {
      hint: "Leave --to and PSN_RESTORE_TO away, or remove DATABASE_URL from the environment.",
    });
  }
  if (named) return await targetUrl(io, to, PSN_RESTORE_TO, "PSN_RESTORE_TO");
  if (!DATABASE_URL || DATABASE_URL === "embedded") return "embedded";
  return parseDatabaseUrl(DATABASE_URL).href;
}

async function hostOf(io: Io, place: Place, file: string): Promise<RestoreHost> {
  const { url, dataDir } = place;
  return {
    configFiles: [hubFile(io.env), keysFile(io.env), markFile(io.env)],
    signal: io.signal,
    isThere: url !== "embedded" || (await statusEmbedded({ dataDir: `${dataDir}/hub` })).exists,
    open: async () =>
      await createHubConnection({
        databaseUrl: url,
        dataDir,
        applicationName: "psn restore",
        evenIfMoved: true,
        onWait: (what) => io.note(`Waiting for the hub: ${what}.`),
      }),
    check: ({ hub }) => requireSameKey(io, hub),
    willWrite: () => io.willWrite(`restore ${file} to ${url === "embedded" ? dataDir : new URL(url).host}`),
    store: async (hub, settings) => {
      const engine = settings.PSN_ENGINE === "trigger" ? "trigger" : "embedded";
      return (await chooseMediaStore({ env: { ...settings, ...io.env }, hub, dataDir, engine })).backend;
    },
    enqueueWaiting: async (hub) => {
      if ((await hubEngine(hub)) === "trigger") place.engine = "trigger";
      // Trigger.dev's watchdog finds what waits.
      return place.engine === "trigger" ? 0 : await enqueueAllWaiting(hub.db);
    },
    writeConfig: async ({ hub, keys, aside }, restored) => {
      if (Object.keys(keys).length > 0) await writeEnvFile(keysFile(io.env), keys);
      if (Object.keys(aside).length > 0) await writeEnvFile(asideKeysFile(io.env), aside);
      const { ENCRYPTION_KEY = null, ...others } = hub;
      // What the environment gives is kept where the person keeps it.
      await writeEnvFile(hubFile(io.env), {
        ...others,
        ...(io.env.DATABASE_URL ? {} : { DATABASE_URL: url }),
        // As setup does: a command without the variable finds the data.
        ...(io.env.PSN_DATA_DIR ? { PSN_DATA_DIR: resolve(io.env.PSN_DATA_DIR) } : {}),
        ...(io.env.ENCRYPTION_KEY ? {} : { ENCRYPTION_KEY }),
      });
      await markPlace(restored, markFile(io.env));
    },
  };
}

/** The environment's key wins in every command; another one than the backup's would open nothing. */
function requireSameKey(io: Io, { ENCRYPTION_KEY }: Settings): void {
  const given = io.env.ENCRYPTION_KEY;
  if (!given || !ENCRYPTION_KEY || keyFromHex(given).id === keyFromHex(ENCRYPTION_KEY).id) return;
  throw new PsnError("KEY_FROM_ENVIRONMENT", "ENCRYPTION_KEY in the environment is not the key of this backup.", {
    hint: "Nothing was changed. Unset it, then restore: the backup has its key.",
  });
}

function hintsFor({ url, engine }: Place, { madeAt }: Restored): string[] {
  return [
    "Nothing is sent from here until a person says that the old hub publishes no more: psn hub claim --restored",
    `What went out after ${madeAt} is not in it; X is read before each account's next post, and an account may have to sign in again.`,
    ...(engine === "trigger" && url === "embedded"
      ? ["Trigger.dev cannot reach an embedded hub. After the claim: psn setup --engine embedded"]
      : []),
    ...(engine === "trigger" && url !== "embedded"
      ? [
          "Trigger.dev still has the old hub's URL. After the claim, deploy again with the new one: npx trigger.dev@4.8.3 deploy",
        ]
      : []),
  ];
}
