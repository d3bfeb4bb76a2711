/** Scenario 32: what a dry run says of a bad place, or of bad input, is what the command then answers; neither writes a thing. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmod, mkdir, rm, symlink, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import type { Entry, Io } from "../../src/cli/_command.ts";
import { describe } from "../../src/cli/_help.ts";
import { readEnvFile, writeEnvFile } from "../../src/core/config/env-file.ts";
import { entries } from "../../src/psn.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { testHub } from "../../src/testing/hub.ts";
import { misfits } from "./json-schema.ts";
import { everything } from "./written.ts";

let home: TestHome;
let port: number;
const taken = createServer();

beforeAll(async () => {
  home = await testHome();
  await home.signIn();
  const { folder } = home;
  await writeFile(join(folder, "file"), "x");
  await writeFile(join(folder, "passphrase"), "four words that nobody guesses\n");
  await writeFile(join(folder, "weak"), "short\n");
  await writeFile(join(folder, "no.age"), "no backup");
  await symlink("nowhere", join(folder, "dangling"));
  await symlink("loop", join(folder, "loop"));
  await mkdir(join(folder, "is-folder", ".claude", "skills", "psn", "SKILL.md"), { recursive: true });
  await mkdir(join(folder, "others", ".codex", "skills", "psn"), { recursive: true });
  await writeFile(join(folder, "others", ".codex", "skills", "psn", "SKILL.md"), "somebody's own");
  await mkdir(join(folder, "trigger"));
  await writeFile(join(folder, "trigger", "package.json"), "{}");
  port = await new Promise<number>((resolve) =>
    taken.listen(0, "127.0.0.1", () => resolve((taken.address() as { port: number }).port)),
  );
});
afterAll(async () => {
  taken.close();
  await home?.close();
});

type Env = Io["env"];

interface Answer {
  outcome: string;
  wouldSucceed: boolean;
  error?: { code: string; message: string; next: unknown[] };
}

async function run(words: string[], dryRun: boolean, more: Env, stdin: string) {
  const env = Object.fromEntries(Object.entries({ ...home.env, ...more }).filter(([, value]) => value !== ""));
  const { code, json } = await home.psn([...words, "--json", ...(dryRun ? ["--dry-run"] : [])], { env, stdin });
  const { outcome, wouldSucceed, error } = json as Answer;
  const named = [2, 1].map((count) => entries.find(({ name }) => name === words.slice(0, count).join(" ")));
  const entry = named.find(Boolean) as Entry;
  expect(misfits(describe(entry, await entry.load()).answer, json as object), words.join(" ")).toEqual([]);
  const succeeds = dryRun ? wouldSucceed : outcome === "ok";
  return { exit: code, succeeds, code: error?.code, message: error?.message, next: error?.next };
}

const LONG = "a".repeat(240);

/** Commands that are refused: as they are given, with what differs in their environment, and what comes on stdin. */
const REFUSED = (): [words: string[], env?: Env, stdin?: string][] => {
  const { folder } = home;
  const at = (name: string) => join(folder, name);
  const noHub = { DATABASE_URL: "", ENCRYPTION_KEY: "", PSN_TIMEZONE: "" };
  return [
    ...["/proc/x", "/proc", "file", "file/x", "dangling", "loop/x", "/dev/null/x", "trigger", `${LONG}${LONG}`].map(
      (place): [string[]] => [["trigger", "init", place]],
    ),
    ...["/proc", at("file"), at("dangling"), at("loop"), at("is-folder"), "/dev/null"].map((HOME): [string[], Env] => [
      ["agent", "install", "claude"],
      { HOME },
    ]),
    [["agent", "install", "codex"], { HOME: at("others") }],
    ...["/proc/x.age", "file", "file/x.age", "none/x.age", ".", LONG, "loop", "dangling/x"].map((place): [string[]] => [
      ["backup", place, "--passphrase-file", "passphrase"],
    ]),
    [["backup", "psn.age", "--passphrase-file", "weak"]],
    [["backup", "psn.age", "--passphrase-file", "none"]],
    [["backup", "psn.age"], {}, ""],
    [["backup", "psn.age"], {}, "two\nlines of a passphrase\n"],
    [["restore", "none.age", "--passphrase-file", "passphrase"]],
    [["restore", "no.age", "--passphrase-file", "passphrase"]],
    [["hub", "move", "--to", "mysql://x"]],
    [["hub", "move", "--to", "mysql://x"], { DATABASE_URL: "", ENCRYPTION_KEY: "" }],
    [["hub", "move"], { DATABASE_URL: "" }],
    [["hub", "start"]],
    [["hub", "stop"]],
    [["hub", "claim", "--moved"]],
    [
      ["hub", "start"],
      { ...noHub, ENCRYPTION_KEY: home.env.ENCRYPTION_KEY ?? "", DATABASE_URL: "embedded", PSN_DATA_DIR: at("file") },
    ],
    [["setup", "--db", "mysql://x"]],
    [["setup", "--db", "postgres://me:secret@example.org/psn"]],
    [["setup", "--timezone", "Nowhere/At/All"]],
    [["setup"], { PSN_CONFIG_DIR: "/proc/x" }],
    [["setup"], { PSN_CONFIG_DIR: at("file") }],
    [["setup"], { PSN_CONFIG_DIR: at("loop") }],
    [["setup"], { DATABASE_URL: "postgres://nobody@127.0.0.1:1/none" }],
    [["setup"], { ENCRYPTION_KEY: "f".repeat(64) }],
    [["setup"], { ENCRYPTION_KEY: "short" }],
    [["setup", "--keys-stdin"], {}, "no keys"],
    [["setup", "--keys-stdin"], { X_CLIENT_ID: "", X_CLIENT_SECRET: "" }, "X_CLIENT_ID=https://x\nX_CLIENT_SECRET=y\n"],
    [["setup", "--sandbox"], { X_CLIENT_ID: "mine" }],
    [["setup", "--x"]],
    [["setup", "--engine", "embedded"], { PSN_ENGINE: "trigger", TRIGGER_SECRET_KEY: "tr_dev_x" }],
    [
      ["setup", "--engine", "trigger"],
      { PSN_ENGINE: "embedded", TRIGGER_SECRET_KEY: "tr_dev_x", TRIGGER_API_URL: "http://127.0.0.1:1" },
    ],
    [["sandbox", "--port", String(port)]],
    [["sandbox", "--port", "0", "--state", "file"]],
    [["sandbox", "--port", "0", "--state", "loop"]],
    [["sandbox", "--port", "0", "--state", "/proc/x"]],
    [["sandbox", "--port", "0", "--state", "."]],
    [["sandbox", "fault", "drop_after", "--url", "http://127.0.0.1:1"]],
    [["demo", "file", "--port", String(port), "--json"]],
    [["demo", "none.txt", "--json"]],
    [["keys", "rotate"]],
    [["keys", "reset", "--yes"]],
    [["keys", "rotate"], { ENCRYPTION_KEY: "" }],
    [["worker"], { X_CLIENT_ID: "", X_CLIENT_SECRET: "" }],
    [["worker"], { PSN_NO_LIVE: "1" }],
    [["worker", "install"]],
    [["post", "check", "zzzz"]],
    [["post", "check", "zzzz"], { PSN_NO_LIVE: "1" }],
    [["account", "remove", "@nobody", "--yes"]],
    [["account", "default", "@nobody"]],
    [["post", "sync", "none", "--apply"]],
    [["post", "create", "x"], { PSN_CONFIG_DIR: at("loop") }],
  ];
};

test("scenario 32: a command that is refused is refused the same in a dry run, and neither writes anything", async () => {
  let before = await everything(home);
  const differ: unknown[] = [];
  for (const [words, env = {}, stdin = ""] of REFUSED()) {
    const what = [words.join(" ").slice(0, 80), JSON.stringify(env)];
    const wrote = async () => {
      const after = await everything(home);
      const isSame = Bun.deepEquals(after, before);
      if (!isSame) differ.push([...what, "wrote", Object.keys(after.files).filter((name) => !(name in before.files))]);
      return !isSame;
    };
    const dry = await run(words, true, env, stdin);
    if (await wrote()) break;
    const real = await run(words, false, env, stdin);
    if (!Bun.deepEquals(dry, real)) differ.push([...what, { dry, real }]);
    else if (real.succeeds || real.code === "INTERNAL") differ.push([...what, "not refused", real]);
    // Of setup the steps before the one that is refused are done.
    if (words[0] === "setup") {
      await rm(join(home.folder, "config"), { recursive: true, force: true });
      before = await everything(home);
    } else if (await wrote()) break;
  }
  expect(differ).toEqual([]);
}, 120_000);

test("scenario 32: a command that succeeds is said to before, by a dry run that writes nothing", async () => {
  const { folder } = home;
  const target = await testHub();
  const stored = { DATABASE_URL: "", ENCRYPTION_KEY: "", PSN_TIMEZONE: "" };
  const restored = { ...stored, PSN_CONFIG_DIR: join(folder, "there"), PSN_DATA_DIR: join(folder, "there-data") };
  const differ: unknown[] = [];
  const both = async (words: string[], env: Env = {}, stdin = "") => {
    const before = await everything(home);
    const dry = await run(words, true, env, stdin);
    if (!Bun.deepEquals(await everything(home), before)) differ.push([...words, "wrote"]);
    const real = await run(words, false, env, stdin);
    if (!Bun.deepEquals(dry, real)) differ.push([words.join(" "), { dry, real }]);
    return real;
  };
  try {
    expect((await both(["setup", "--timezone", "Europe/Paris"])).succeeds).toBe(true);
    expect((await both(["setup"])).succeeds).toBe(true);
    await writeEnvFile(join(folder, "config", "hub.env"), { ENCRYPTION_KEY: home.env.ENCRYPTION_KEY ?? null });
    for (const words of [
      ["trigger", "init", "jobs"],
      ["trigger", "init", "jobs"],
      ["agent", "install", "claude"],
      ["agent", "install", "claude"],
      ["backup", "psn.age", "--passphrase-file", "passphrase"],
      ["media", "gc"],
      ["worker", "uninstall"],
    ]) {
      expect([words, (await both(words)).succeeds]).toEqual([words, true]);
    }
    await both(["backup", "psn.age", "--passphrase-file", "passphrase"]);
    await chmod(join(folder, "config", "hub.env"), 0o644);
    await both(["doctor"]);
    await both(["doctor", "--fix"]);
    expect((await both(["keys", "rotate"], stored)).succeeds).toBe(true);
    // The key of the environment is the one from before by now.
    home.env.ENCRYPTION_KEY = (await readEnvFile(join(folder, "config", "hub.env"))).values.ENCRYPTION_KEY;
    const to = { ...restored, PSN_RESTORE_TO: target.url };
    expect((await both(["restore", "psn.age", "--passphrase-file", "passphrase"], to)).code).toBe("HUB_NOT_EMPTY");
    expect((await both(["hub", "move", "--to", home.env.DATABASE_URL ?? ""], stored)).code).toBe("HUB_SAME");
    expect((await both(["hub", "move", "--to", target.url], stored)).succeeds).toBe(true);
    expect((await both(["uninstall", "--config", "--yes"])).succeeds).toBe(true);
  } finally {
    await target.drop();
  }
  expect(differ).toEqual([]);
}, 120_000);
