/** How Trigger.dev builds and deploys src/trigger. Its CLI reads this file; docs/trigger.md tells the steps. */
import { join } from "node:path";
import { defineConfig } from "@trigger.dev/sdk";
import { readEnvFile } from "./src/core/utils/env.ts";

/** What a run needs, and no more. Those that are secret are stored as such and shown to nobody. */
const PLAIN = [
  "PSN_TIMEZONE",
  "PSN_GRACE_MINUTES",
  "PSN_CATCH_UP_MINUTES",
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
const configured = async () => ({
  ...(await readEnvFile(join(folder, "hub.env"))).values,
  ...(await readEnvFile(join(folder, "keys.env"))).values,
});

const picked = async (names: string[]) => {
  const stored = await configured();
  const found = names.map((name) => [name, process.env[name] || stored[name]] as const);
  return Object.fromEntries(found.filter(([, value]) => value)) as Record<string, string>;
};

export default defineConfig({
  project: process.env.TRIGGER_PROJECT_REF ?? (await configured()).TRIGGER_PROJECT_REF ?? "",
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
        async onBuildComplete(context) {
          if (context.target !== "deploy") return;
          const secretEnv = await picked(SECRET);
          if (!secretEnv.DATABASE_URL || secretEnv.DATABASE_URL === "embedded") {
            throw new Error("Runs need a hub on a server: psn hub move --to URL, then deploy again.");
          }
          const env = { ...(await picked(PLAIN)), PSN_ENGINE: "trigger" };
          context.addLayer({ id: "psn-environment", deploy: { env, secretEnv, override: true } });
        },
      },
    ],
  },
});
