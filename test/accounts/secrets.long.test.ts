/**
 * Nothing leaks: a whole life of an account, with every secret that crosses the wire written down on the way, and then
 * looked for wherever PSN leaves a trace. Postgres is told to log every statement with its parameters.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { newKeyHex } from "../../src/core/utils/crypto.ts";
import { readEnvFile, writeEnvFile } from "../../src/core/utils/env.ts";
import { SANDBOX_CALLBACK_URL } from "../../src/sandbox/types.ts";
import { consent, runPsn, type TestHome, testHome } from "../../src/testing/cli.ts";
import { SERVER_DIR } from "../../src/testing/server.ts";

const POSTGRES_LOG = join(SERVER_DIR, "postgres.log");

let home: TestHome;
let proxy: ReturnType<typeof wiretap>;
let logStart: number;
let watching = true;
let watcher: Promise<void>;
/** Everything that PSN's processes printed, and every command line seen while they ran. */
const printed: string[] = [];
const commandLines = new Set<string>();

beforeAll(async () => {
  home = await testHome();
  proxy = wiretap(home.sandbox.url);
  for (const name of ["ENCRYPTION_KEY", "X_CLIENT_ID", "X_CLIENT_SECRET"]) delete home.env[name];
  Object.assign(home.env, {
    X_API_BASE_URL: proxy.url,
    X_TOKEN_URL: `${proxy.url}/2/oauth2/token`,
    X_REVOKE_URL: `${proxy.url}/2/oauth2/revoke`,
  });
  const { rows } = await home.hub.pool.query("select current_database() as name");
  for (const set of [
    "log_statement = 'all'",
    "log_parameter_max_length = -1",
    "log_parameter_max_length_on_error = -1",
  ]) {
    await home.hub.pool.query(`alter database ${rows[0].name} set ${set}`);
  }
  logStart = (await stat(POSTGRES_LOG)).size;
  watcher = watchCommandLines();
});
afterAll(async () => {
  watching = false;
  await watcher;
  proxy.stop();
  await home.close();
});

/** Stands between PSN and X and keeps what neither may ever write down. */
function wiretap(target: string) {
  const secrets = new Set<string>();
  const keep = (text: string) => {
    for (const [found] of text.matchAll(/sbx_(?:access|refresh|code)_\w+/g)) secrets.add(found);
    const form = new URLSearchParams(text);
    for (const name of ["code", "code_verifier", "refresh_token", "token"]) {
      const value = form.get(name);
      if (value && !value.startsWith("psn-setup-asks")) secrets.add(value);
    }
  };
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      const body = await request.text();
      const headers = new Headers(request.headers);
      headers.delete("host");
      keep(body);
      keep(headers.get("authorization") ?? "");
      const basic = /^Basic (.+)$/.exec(headers.get("authorization") ?? "")?.[1];
      if (basic) secrets.add(basic);
      const { pathname, search } = new URL(request.url);
      const answer = await fetch(`${target}${pathname}${search}`, {
        method: request.method,
        headers,
        ...(body === "" ? {} : { body }),
      });
      const text = await answer.text();
      keep(text);
      const back = new Headers(answer.headers);
      for (const name of ["content-encoding", "content-length", "transfer-encoding"]) back.delete(name);
      return new Response(text, { status: answer.status, headers: back });
    },
  });
  return { url: `http://127.0.0.1:${server.port}`, secrets, stop: () => server.stop(true) };
}

async function watchCommandLines() {
  while (watching) {
    for (const pid of (await readdir("/proc").catch(() => [])).filter((name) => /^\d+$/.test(name))) {
      commandLines.add((await readFile(`/proc/${pid}/cmdline`, "utf8").catch(() => "")).replaceAll("\0", " "));
    }
    await Bun.sleep(15);
  }
}

async function psn(args: string[], stdin?: string) {
  const ran = await home.psnProcess(args, stdin === undefined ? {} : { stdin });
  printed.push(ran.stdout, ran.stderr);
  return ran;
}

async function beginSignIn(...args: string[]): Promise<string> {
  const ran = await psn(["setup", ...args]);
  const steps = (ran.json as { steps: { data?: { url?: string } }[] }).steps;
  return steps.at(-1)?.data?.url ?? "";
}

async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** Whoever starts the server cuts a log that has grown, and keeps its end beside it. */
async function logSince(start: number): Promise<string> {
  const log = await readFile(POSTGRES_LOG);
  if (log.length >= start) return log.subarray(start).toString("utf8");
  return `${await readFile(`${POSTGRES_LOG}.1`, "utf8").catch(() => "")}${log}`;
}

/** Every row of every table, ours and the job queue's, as text. */
async function wholeHub(): Promise<string> {
  const { rows: tables } = await home.hub.pool.query(
    "select format('%I.%I', schemaname, tablename) as name from pg_tables where schemaname in ('psn', 'graphile_worker')",
  );
  const texts: string[] = [];
  for (const { name } of tables) {
    const { rows } = await home.hub.pool.query(`select to_jsonb(line)::text as text from ${name} as line`);
    texts.push(name, ...rows.map((row) => row.text));
  }
  return texts.join("\n");
}

test("no secret is in a log, an error, an answer, a job, a file, a command line, or Postgres' own log", async () => {
  const { sandbox } = home.sandbox;
  // An app of its own: the usual sandbox's secret is no secret, and stands on other tests' command lines.
  const clientSecret = `client-secret-${newKeyHex()}`;
  sandbox.addApp({ clientId: "leak-test", clientSecret, callbacks: [SANDBOX_CALLBACK_URL] });
  const keys = `X_CLIENT_ID=leak-test\nX_CLIENT_SECRET=${clientSecret}\n`;
  const hubFile = join(home.folder, "config/hub.env");
  const encryptionKeys: string[] = [];
  const noteKeys = async () => {
    const { ENCRYPTION_KEY, ENCRYPTION_KEY_OLD } = (await readEnvFile(hubFile)).values;
    for (const key of [ENCRYPTION_KEY, ENCRYPTION_KEY_OLD]) if (key) encryptionKeys.push(key);
  };

  // Signing in: a code that is refused, and one that works.
  sandbox.configure({ codeSecs: 1 });
  await psn(["setup", "--keys-stdin"], keys);
  await noteKeys();
  const late = await consent(await beginSignIn(), "sandbox_author");
  await Bun.sleep(1_050);
  await psn(["setup", "--paste"], late);
  sandbox.configure({ codeSecs: 30 });
  const signedIn = await psn(["setup", "--paste"], await consent(await beginSignIn(), "sandbox_author"));
  expect((signedIn.json as { ready: boolean }).ready).toBe(true);

  // Publishing: an expired token, an outage of the token endpoint, a refused create, a job that waits.
  const created = await psn(["post", "create", "a text that may be seen"]);
  const { id } = (created.json as { post: { id: string } }).post;
  await psn(["post", "approve", id]);
  await home.hub.pool.query("update psn.oauth_tokens set expires_at = now()");
  sandbox.addFault({ kind: "status", status: 503, match: { path: "/2/oauth2/token" } });
  await psn(["post", "now", id]);
  await home.hub.pool.query("update psn.oauth_tokens set metadata = '{}'");
  await psn(["post", "now", id]);
  const tomorrow = new Date(Date.now() + 86_400_000).toISOString().slice(0, 10);
  const other = await psn(["post", "create", "another"]);
  const { id: second } = (other.json as { post: { id: string } }).post;
  await psn(["post", "approve", second]);
  const scheduled = await psn(["post", "schedule", second, "--date", tomorrow, "--time", "09:00"]);
  expect(scheduled.code).toBe(0);
  expect(await wholeHub()).toContain(`"postId": "${second}"`);
  await psn(["post", "show", id]);

  // Errors: a refused refresh, a damaged secret, a wrong key, a constraint that fails with the row in its message.
  sandbox.revokeUser("sandbox_author");
  await home.hub.pool.query("update psn.oauth_tokens set expires_at = now()");
  await psn(["setup"]);
  await psn(["post", "list"]);
  await psn(["keys", "rotate"]);
  await noteKeys();
  const { ENCRYPTION_KEY: right = "" } = (await readEnvFile(hubFile)).values;
  const wrongKey = newKeyHex();
  await writeEnvFile(hubFile, { ENCRYPTION_KEY: wrongKey });
  await psn(["account", "list"]);
  await writeEnvFile(hubFile, { ENCRYPTION_KEY: right });
  await home.hub.pool.query("alter table psn.oauth_tokens add constraint no_more check (version < 3) not valid");
  await psn(["setup", "--paste"], await consent(await beginSignIn(), "sandbox_author"));
  await home.hub.pool.query("alter table psn.oauth_tokens drop constraint no_more");
  await psn(["setup", "--paste"], await consent(await beginSignIn(), "sandbox_author"));
  const password = "a-password-of-the-hub";
  const lost = await runPsn(["account", "list"], {
    env: { ...home.env, DATABASE_URL: `postgres://user:${password}@127.0.0.1:1/hub` },
    cwd: home.folder,
  });
  printed.push(lost.stdout, lost.stderr);
  await psn(["post", "cancel", second]);
  const hubBeforeTheEnd = await wholeHub();
  await psn(["account", "remove", "@sandbox_author", "--yes"]);

  const secrets = [...proxy.secrets, ...encryptionKeys, wrongKey, clientSecret, password];
  expect(proxy.secrets.size).toBeGreaterThan(12);
  expect(new Set(encryptionKeys).size).toBe(2);

  const log = await logSince(logStart);
  expect(log).toContain("oauth_tokens");
  expect(log).toContain("no_more");
  const files = (await filesUnder(home.folder)).filter((file) => !file.startsWith(join(home.folder, "config")));
  const places: Record<string, string> = {
    "stdout or stderr": printed.join("\n"),
    "a command line": [...commandLines].join("\n"),
    "the hub": `${hubBeforeTheEnd}\n${await wholeHub()}`,
    "Postgres' log": log,
    "a file": (await Promise.all(files.map((file) => readFile(file, "latin1")))).join("\n"),
  };
  expect(places["stdout or stderr"]).toContain("@sandbox_author");
  if (process.platform === "linux") expect(places["a command line"]).toContain("setup --paste");
  expect(places["the hub"]).toContain("graphile_worker");
  for (const [place, text] of Object.entries(places)) {
    for (const secret of secrets) {
      for (const form of [secret, Buffer.from(secret).toString("base64"), encodeURIComponent(secret)]) {
        if (text.includes(form)) throw new Error(`${place} holds a secret: ${form.slice(0, 14)}…`);
      }
    }
  }
});
