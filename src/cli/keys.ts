/** `psn keys rotate|reset`: the key that seals the tokens in the hub. */
import { z } from "zod";
import { requirePlace } from "../core/config/file-error.ts";
import { PsnError } from "../core/errors.ts";
import { forgetSecrets, rotateKeys } from "../core/tokens/rotate.ts";
import { keyFromHex, newKeyHex } from "../core/utils/crypto.ts";
import { hubFile, readEnvFile, writeEnvFile } from "../core/utils/env.ts";
import { countWorkers } from "../engines/presence.ts";
import { type App, withApp } from "./_app.ts";
import { confirm } from "./_ask.ts";
import { defineCommand, flag, type Io } from "./_command.ts";

export const keysRotateCommand = defineCommand({
  input: z.object({}),
  answer: z.object({ keyId: z.string(), resealed: z.number(), damaged: z.array(z.string()), resumed: z.boolean() }),
  async run(io) {
    refuseEnvironmentKey(io);
    return await withApp({ ...io, anyKey: true }, async (app) => {
      await requireNoWorker(app);
      const willWrite = () => io.willWrite("make a new key and seal every stored token with it");
      return await rotateKeys(app.hub, hubFile(io.env), { willWrite });
    });
  },
  render({ keyId, resealed, damaged, resumed }) {
    const done = `${resumed ? "Finished the rotation that was started" : "Rotated"}: ${resealed} secrets are sealed with key ${keyId}.`;
    const others = "Backups of hub.env from before do not open this hub any more; make a new one.";
    return damaged.length === 0
      ? `${done} ${others}`
      : `${done} ${damaged.length} did not open; psn account list. ${others}`;
  },
});

export const keysResetCommand = defineCommand({
  input: z.object({ yes: flag("Do not ask", ["y"]) }),
  answer: z.object({ keyId: z.string(), accounts: z.number() }),
  async run(io, { yes }) {
    refuseEnvironmentKey(io);
    const file = hubFile(io.env);
    const { ENCRYPTION_KEY: configured } = (await readEnvFile(file)).values;
    const hex = configured || newKeyHex();
    return await withApp({ ...io, env: { ...io.env, ENCRYPTION_KEY: hex }, anyKey: true }, async (app) => {
      await requireNoWorker(app);
      await confirm(io, { yes }, "Forget every stored sign-in? All accounts must sign in again; posts and times stay.");
      if (!configured) await requirePlace(file);
      io.willWrite("forget the stored sign-ins");
      // The key first: what is sealed with it from now on must open after a crash.
      if (!configured) await writeEnvFile(file, { ENCRYPTION_KEY: hex, ENCRYPTION_KEY_OLD: null });
      const key = keyFromHex(hex);
      return { keyId: key.id, accounts: await forgetSecrets(app.hub, key, new Date()) };
    });
  },
  render: ({ accounts }) => `The hub has a working key again. ${accounts} accounts must sign in: psn setup`,
});

// --- internal ---

function refuseEnvironmentKey(io: Io): void {
  if (!io.env.ENCRYPTION_KEY) return;
  throw new PsnError("KEY_FROM_ENVIRONMENT", "ENCRYPTION_KEY comes from the environment, where PSN cannot change it.", {
    hint: `Move it into ${hubFile(io.env)} and unset the variable, then try again.`,
  });
}

/** A worker keeps the key it was started with; from then on it could neither open nor seal. */
async function requireNoWorker(app: App): Promise<void> {
  const workers = await countWorkers(app.hub);
  if (workers === 0) return;
  throw new PsnError(
    "WORKER_RUNNING",
    `${workers === 1 ? "A worker runs" : `${workers} workers run`} with the old key.`,
    {
      hint: "Stop it (Ctrl-C where it runs), do this, and start it again: psn worker",
    },
  );
}
