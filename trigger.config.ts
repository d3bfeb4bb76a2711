/**
 * How Trigger.dev builds and deploys src/trigger; docs/trigger.md tells the steps. Its CLI reads this file as CommonJS under
 * Node (c12 with jiti 1): no await outside of functions, and no import of PSN's own modules.
 */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { parseEnv } from "node:util";
import { defineConfig } from "@trigger.dev/sdk";

/** What a run needs, and no more. Those that are secret are stored as such and shown to nobody. */
const PLAIN = [
  "PSN_TIMEZONE",
  "PSN_GRACE_MINUTES",
  "PSN_CATCH_UP_MINUTES",
  "PSN_REFRESH_MINUTES",
  "PSN_REFRESH_WINDOW_MINUTES",
  "PSN_MEDIA_STORE",
  "PSN_S3_ENDPOINT",
  "PSN_S3_BUCKET",
  "PSN_S3_REGION",
  "X_CLIENT_ID",
  "X_REDIRECT_URI",
  "X_API_BASE_URL",
  "X_AUTHORIZE_URL",
  "X_TOKEN_URL",
  "X_REVOKE_URL",
];
const SECRET = [
  "DATABASE_URL",
  "ENCRYPTION_KEY",
  "ENCRYPTION_KEY_OLD",
  "X_CLIENT_SECRET",
  "PSN_S3_ACCESS_KEY_ID",
  "PSN_S3_SECRET_ACCESS_KEY",
];

const folder = process.env.PSN_CONFIG_DIR ?? join(process.cwd(), "config");

/** One value of config/, where the environment wins. The file is read again in each task's process, which has no config/. */
function settingOf(name: string): string | undefined {
  return process.env[name] || readEnv("keys.env")[name] || readEnv("hub.env")[name];
}

function readEnv(file: string): Record<string, string | undefined> {
  const path = join(folder, file);
  return existsSync(path) ? parseEnv(readFileSync(path, "utf8")) : {};
}

function picked(names: string[]): Record<string, string> {
  const found = names.map((name) => [name, settingOf(name)] as const);
  return Object.fromEntries(found.filter((pair): pair is readonly [string, string] => Boolean(pair[1])));
}

export default defineConfig({
  project: settingOf("TRIGGER_PROJECT_REF") ?? "",
  dirs: ["./src/trigger"],
  runtime: "node-22",
  machine: "small-1x",
  maxDuration: 3_600,
  retries: { enabledInDev: true },
  build: {
    // pg asks for it only when told to use libpq.
    external: ["pg-native"],
    extensions: [
      {
        name: "psn-environment",
        onBuildComplete(context) {
          if (context.target !== "deploy") return;
          const secretEnv = picked(SECRET);
          if (!secretEnv.DATABASE_URL || secretEnv.DATABASE_URL === "embedded") {
            throw new Error("Runs need a hub on a server: psn hub move --to URL, then deploy again.");
          }
          const env = { ...picked(PLAIN), PSN_ENGINE: "trigger" };
          context.addLayer({ id: "psn-environment", deploy: { env, secretEnv, override: true } });
        },
      },
    ],
  },
});
