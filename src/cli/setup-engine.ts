import { wallClock } from "../core/clock.ts";
import { requirePlace } from "../core/config/file-error.ts";
import { PsnError } from "../core/errors.ts";
import { type ChosenStore, chooseMediaStore } from "../core/media/choose.ts";
import { copyWaitingMedia } from "../core/media/copy-waiting.ts";
import { hubFile, loadHubEnv, readEnvFile, writeEnvFile } from "../core/utils/env.ts";
import { countWorkers } from "../engines/presence.ts";
import { type Handed, handToEmbedded, handToTrigger, hubEngine, setHubEngine } from "../engines/switch.ts";
import { triggerEngine } from "../engines/trigger.ts";
import { type TriggerApi, TriggerError, triggerApi } from "../engines/trigger-api.ts";
import { pingThroughTrigger } from "../engines/trigger-ping.ts";
import { silenceOf } from "../engines/trigger-silence.ts";
import type { App } from "./_app.ts";
import { ask } from "./_ask.ts";
import type { Io } from "./_command.ts";
import type { Step } from "./_step.ts";

const STORED = ["TRIGGER_SECRET_KEY", "TRIGGER_API_URL", "TRIGGER_PROJECT_REF"] as const;

/**
 * Without a choice, says which one runs. With one, hands the hub to that engine; done again it finishes what is left.
 * @throws PsnError HUB_NOT_REACHABLE_FROM_TRIGGER, TRIGGER_…, MEDIA_…
 */
export async function setupEngine(app: App, io: Io, choice?: "embedded" | "trigger"): Promise<Step> {
  if (choice === undefined) return await describe(app);
  return choice === "trigger" ? await toTrigger(app, io) : await toEmbedded(app, io);
}

// --- internal ---

/** Always good: without a worker one can still post at once, and scheduled posts wait for it. */
async function describe(app: App): Promise<Step> {
  const { name } = app.engine;
  const chosen = await hubEngine(app.hub);
  const warnings =
    chosen && chosen !== name
      ? [
          `This hub is handed to ${chosen}, but PSN_ENGINE here is ${name}. Repair it with: psn setup --engine ${chosen}`,
        ]
      : [];
  if (name === "trigger") {
    const silence = await silenceOf(app.hub);
    if (silence) warnings.push(`${silence} psn doctor --fix starts it once; deploy again so that it comes by itself.`);
    return { step: "engine", status: "skipped", message: "Engine: Trigger.dev.", data: { name, warnings } };
  }
  const workers = await countWorkers(app.hub);
  return {
    step: "engine",
    status: "skipped",
    message: `Engine: ${name}, on the hub itself. Scheduled posts go out while psn worker runs (${workers} running now).`,
    data: { name, workers, warnings },
  };
}

async function toTrigger(app: App, io: Io): Promise<Step> {
  if (app.hub.embedded) {
    throw new PsnError("HUB_NOT_REACHABLE_FROM_TRIGGER", "Trigger.dev cannot reach a hub on this machine's disk.", {
      hint: "Move it to a Postgres server first, for example Neon: psn hub move --to URL",
    });
  }
  const file = hubFile(io.env);
  const given = await givenTriggerValues(io, file);
  const stored = (await loadHubEnv(io.env)).trigger;
  const trigger = {
    secretKey: given.TRIGGER_SECRET_KEY ?? stored.secretKey,
    apiUrl: given.TRIGGER_API_URL ?? stored.apiUrl,
  };
  if (!trigger.secretKey) return needKey();

  const api = triggerApi(trigger);
  await requireGoodKey(api);
  requireNoOverride(io, "trigger");
  io.willWrite("try a run through Trigger.dev, and hand the hub to it");
  // Only now: a key that is refused must not take the place of the one that works.
  if (Object.keys(given).length > 0) await writeEnvFile(file, given);
  const proof = await roundTrip(app, api, io.signal);
  if (proof) return proof;

  const store = await requireSharedStore(app, io);
  const copied = await copyWaitingMedia(app.hub, app.media, store);
  await writeEnvFile(file, { PSN_ENGINE: "trigger" });
  await setHubEngine(app.hub, "trigger");
  // Once more, for what was attached meanwhile.
  await copyWaitingMedia(app.hub, app.media, store);
  const troubles: string[] = [];
  const engine = triggerEngine({ ...trigger, onError: (message) => troubles.push(message) });
  const handed = await handToTrigger(app.hub, engine);
  const workers = await countWorkers(app.hub);
  return handedStep("Trigger.dev", handed, {
    copied,
    warnings: [
      ...troubles.slice(0, 3),
      ...(workers > 0 ? [`${workers} psn worker still running; it does no harm and is not needed any more.`] : []),
    ],
  });
}

async function toEmbedded(app: App, io: Io): Promise<Step> {
  const { trigger } = await loadHubEnv(io.env);
  const choice = { env: io.env, hub: app.hub, dataDir: app.hubEnv.dataDir, engine: "embedded" } as const;
  const store = await chooseMediaStore(choice);
  requireNoOverride(io, "embedded");
  await requirePlace(hubFile(io.env));
  io.willWrite("hand the hub to the embedded engine");
  const copied = await copyWaitingMedia(app.hub, app.media, store);
  await writeEnvFile(hubFile(io.env), { PSN_ENGINE: "embedded" });
  await setHubEngine(app.hub, "embedded");
  await copyWaitingMedia(app.hub, app.media, store);
  const troubles: string[] = [];
  const handed = await handToEmbedded(app.hub, triggerApi(trigger), (message) => troubles.push(message));
  const workers = await countWorkers(app.hub);
  return handedStep("the embedded engine", handed, {
    copied,
    warnings: [
      ...troubles.slice(0, 3),
      ...(workers === 0 ? ["No worker is running; scheduled posts need one: psn worker, or psn worker install"] : []),
    ],
  });
}

function handedStep(to: string, handed: Handed, more: { copied: number; warnings: string[] }): Step {
  const rest = handed.waiting - handed.known;
  const left = rest > 0 ? ` ${rest} more are taken up by its watchdog; this can be run again.` : "";
  return {
    step: "engine",
    status: "success",
    message: `Posts are run by ${to} now: ${handed.known} waiting ones handed over.${left}`,
    data: { ...handed, ...more },
  };
}

/** From the environment or a person, what hub.env is to hold, where trigger.config.ts finds it too. Never an argument. */
async function givenTriggerValues(io: Io, file: string): Promise<Record<string, string>> {
  const { values } = await readEnvFile(file);
  const changes: Record<string, string> = {};
  for (const name of STORED) if (io.env[name] && io.env[name] !== values[name]) changes[name] = io.env[name];
  if (!values.TRIGGER_SECRET_KEY && !changes.TRIGGER_SECRET_KEY && io.interactive) {
    changes.TRIGGER_SECRET_KEY = await ask("Trigger.dev secret key (tr_dev_… or tr_prod_…)", { secret: true });
  }
  return changes;
}

function needKey(): Step {
  return {
    step: "engine",
    status: "need_input",
    message: "PSN needs the secret key of your Trigger.dev project.",
    data: {
      ask: [
        { name: "TRIGGER_SECRET_KEY", secret: true },
        { name: "TRIGGER_PROJECT_REF", secret: false },
        { name: "TRIGGER_API_URL", secret: false, optional: true },
      ],
      instructions: [
        "Make a project at https://cloud.trigger.dev, or on your own server.",
        "Copy its secret key from API keys, and its project ref (proj_…) from Project settings.",
        "A server of your own also needs TRIGGER_API_URL, such as https://trigger.example.org.",
      ],
      answerWith: "Set them in the environment and run: psn setup --engine trigger. They are stored in hub.env.",
    },
  };
}

async function requireGoodKey(api: TriggerApi): Promise<void> {
  try {
    await api.check();
  } catch (error) {
    if (!(error instanceof TriggerError)) throw error;
    const isRefused = error.status === 401 || error.status === 403;
    throw new PsnError(isRefused ? "TRIGGER_KEY_REFUSED" : "TRIGGER_UNREACHABLE", `${error.message}.`, {
      hint: isRefused
        ? "Put the right TRIGGER_SECRET_KEY into hub.env; it belongs to one environment of one project and server."
        : "Check TRIGGER_API_URL in hub.env, and that this machine reaches it.",
      cause: error,
    });
  }
}

/** @returns null when a run came back through the hub, else what is missing */
async function roundTrip(app: App, api: TriggerApi, signal: AbortSignal): Promise<Step | null> {
  const trip = await pingThroughTrigger(app.hub, api, wallClock, signal);
  if (trip.kind === "unanswered") return needDeploy(trip.runId, trip.status);
  await requireSameSecrets(app, trip);
  return null;
}

async function requireSameSecrets(app: App, pong: { keyId: string; clientId: string }): Promise<void> {
  const { oauth } = await app.keys();
  const differs = [
    pong.keyId === app.hubEnv.encryptionKey.id ? null : "ENCRYPTION_KEY",
    pong.clientId === oauth.clientId ? null : "X_CLIENT_ID",
  ].filter((name) => name !== null);
  if (differs.length === 0) return;
  throw new PsnError("TRIGGER_ENV_DIFFERS", `Runs have another ${differs.join(" and ")} than this machine.`, {
    hint: "Deploy again; it sends this machine's values along: npx trigger.dev@4.8.3 deploy",
  });
}

function needDeploy(runId: string, status: string | null): Step {
  const why =
    status === "PENDING_VERSION"
      ? "The tasks are not deployed to this environment yet."
      : status === "QUEUED"
        ? "A run was accepted, but no worker of Trigger.dev took it."
        : status === null
          ? "Trigger.dev does not know the run that it has just accepted."
          : `The run ended as ${status}; Trigger.dev shows why under ${runId}.`;
  return {
    step: "engine",
    status: "need_input",
    message: `${why} Nothing was changed.`,
    data: {
      runId,
      runStatus: status,
      instructions: [
        "With a key tr_prod_…: npx trigger.dev@4.8.3 deploy",
        "With a key tr_dev_…: npx trigger.dev@4.8.3 dev, and leave it running",
        "For a server of your own add: --profile self, after npx trigger.dev@4.8.3 login -a URL --profile self",
      ],
      answerWith: "Then run: psn setup --engine trigger. docs/trigger.md shows each step.",
    },
  };
}

async function requireSharedStore(app: App, io: Io): Promise<ChosenStore> {
  const choice = { env: io.env, hub: app.hub, dataDir: app.hubEnv.dataDir, engine: "trigger" } as const;
  const store = await chooseMediaStore(choice);
  if (store.kind !== "folder") return store;
  throw new PsnError("MEDIA_NOT_SHARED", "PSN_MEDIA_STORE is a folder, which a run of Trigger.dev cannot read.", {
    hint: "Set PSN_MEDIA_STORE=hub or s3 in hub.env, or remove the line.",
  });
}

function requireNoOverride(io: Io, name: "embedded" | "trigger"): void {
  if (io.env.PSN_ENGINE && io.env.PSN_ENGINE !== name) {
    throw new PsnError("CONFIG_OVERRIDDEN", `PSN_ENGINE=${io.env.PSN_ENGINE} in the environment overrides config/.`, {
      hint: "Remove it from the environment, then run this again.",
    });
  }
}
