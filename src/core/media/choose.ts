/**
 * Which media store is in use: `PSN_MEDIA_STORE` is `folder`, `hub` or `s3`. Without it the folder, or the hub where
 * the engine runs on other machines.
 */
import { join } from "node:path";
import { eq, sql } from "drizzle-orm";
import { z } from "zod";
import { type Env, readEnvFile } from "../config/env-file.ts";
import { hubFile } from "../config/folders.ts";
import type { Hub } from "../db/connection.ts";
import { mediaBlobs } from "../db/schema.ts";
import { PsnError } from "../errors.ts";
import { given } from "../utils/env.ts";
import type { MediaBackend } from "./backend.ts";
import { folderBackend } from "./folder-backend.ts";
import { hubBackend } from "./hub-backend.ts";
import { originsWith } from "./origin.ts";
import type { S3Options } from "./s3-backend.ts";
import { type MediaStore, storeOn } from "./store.ts";

const StoreSchema = z.enum(["folder", "hub", "s3"]);
export type StoreKind = z.infer<typeof StoreSchema>;

const LOOPBACK = new Set(["localhost", "127.0.0.1", "[::1]"]);
const S3Schema = z.object({
  PSN_S3_ENDPOINT: z.url().refine((url) => {
    if (!URL.canParse(url)) return false;
    const { protocol, hostname } = new URL(url);
    return protocol === "https:" || (protocol === "http:" && LOOPBACK.has(hostname));
  }, "must be an https address: files and signatures would go over the network in clear text"),
  PSN_S3_BUCKET: z.string().min(1).max(255),
  PSN_S3_REGION: z.string().min(1).max(64).default("auto"),
  PSN_S3_ACCESS_KEY_ID: z.string().min(1).max(512),
  PSN_S3_SECRET_ACCESS_KEY: z.string().min(1).max(512),
});

export interface StoreChoice {
  env: Env;
  hub: Hub;
  dataDir: string;
  engine: "embedded" | "trigger";
  /** Files are read and measured, and none is kept. */
  isDry?: boolean;
  /** Instead of what is configured. */
  kind?: StoreKind;
}

/** A store that can also be cleaned and copied. */
export interface ChosenStore extends MediaStore {
  readonly kind: StoreKind;
  readonly backend: MediaBackend;
}

/**
 * Opens the configured media store. Every blob is noted in the hub before it is stored, so `cleanMedia` knows of all.
 * @throws PsnError CONFIG_INVALID
 */
export async function chooseMediaStore(choice: StoreChoice): Promise<ChosenStore> {
  const { env, hub } = choice;
  const values = { ...(await readEnvFile(hubFile(env))).values, ...given(env) };
  const kind = choice.kind ?? configured(values) ?? (choice.engine === "trigger" ? "hub" : "folder");
  const backend = await openBackend(kind, choice, values);
  const kept = choice.isDry ? { ...backend, put: async () => {}, remove: async () => {} } : backend;
  const origins = originsWith(values);
  const store = storeOn(kept, {
    before: async ({ sha256, byteLength }, file) => {
      const origin = origins.seal(sha256, file);
      await hub.db
        .insert(mediaBlobs)
        .values({ sha256, byteLength, attachedAt: sql`psn.now()`, origin })
        .onConflictDoUpdate({ target: mediaBlobs.sha256, set: { attachedAt: sql`psn.now()`, origin } });
    },
    originOf: async (sha256) => {
      const [row] = await hub.db.select().from(mediaBlobs).where(eq(mediaBlobs.sha256, sha256));
      return origins.open(sha256, row?.origin ?? null);
    },
  });
  return { ...store, kind, backend };
}

// --- internal ---

function configured(values: Env): StoreKind | null {
  if (!values.PSN_MEDIA_STORE) return null;
  const kind = StoreSchema.safeParse(values.PSN_MEDIA_STORE);
  if (kind.success) return kind.data;
  throw new PsnError("CONFIG_INVALID", "PSN_MEDIA_STORE must be folder, hub or s3.", {
    hint: "Correct it in hub.env or in the environment.",
  });
}

async function openBackend(kind: StoreKind, { hub, dataDir }: StoreChoice, values: Env): Promise<MediaBackend> {
  switch (kind) {
    case "folder":
      return folderBackend(join(dataDir, "media"));
    case "hub":
      return hubBackend(hub);
    case "s3": {
      const { s3Backend } = await import("./s3-backend.ts");
      return s3Backend(s3Options(values));
    }
  }
}

function s3Options(values: Env): S3Options {
  const read = S3Schema.safeParse(values);
  if (!read.success) {
    const issue = read.error.issues[0];
    // The value itself is not repeated: it may be a secret.
    throw new PsnError("CONFIG_INVALID", `${String(issue?.path[0])} ${issue?.message ?? "is not valid"}.`, {
      hint: "PSN_MEDIA_STORE=s3 needs PSN_S3_ENDPOINT, _BUCKET, _ACCESS_KEY_ID and _SECRET_ACCESS_KEY in hub.env.",
    });
  }
  return {
    endpoint: read.data.PSN_S3_ENDPOINT,
    bucket: read.data.PSN_S3_BUCKET,
    region: read.data.PSN_S3_REGION,
    accessKeyId: read.data.PSN_S3_ACCESS_KEY_ID,
    secretAccessKey: read.data.PSN_S3_SECRET_ACCESS_KEY,
  };
}
