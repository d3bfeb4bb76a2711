/** Hosts, files, terminals and pages are strangers: what was tried as one, as tests. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { request } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "pg-connection-string";
import { composeThread } from "../../src/core/compose/compose.ts";
import { databaseUrlWarnings } from "../../src/core/config/database-url.ts";
import { readDatabaseUrl } from "../../src/core/db/url.ts";
import { PsnError } from "../../src/core/errors.ts";
import { inspectMedia } from "../../src/core/media/inspect.ts";
import { folderStore } from "../../src/core/media/store.ts";
import { loadHubEnv, loadKeysEnv } from "../../src/core/utils/env.ts";
import { drawPicture } from "../../src/demo/picture.ts";
import { type RunningSandbox, startSandbox } from "../../src/sandbox/server.ts";

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "psn-strangers-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const codeOf = async (act: () => unknown) => {
  try {
    await act();
    return null;
  } catch (error) {
    if (error instanceof PsnError) return error.code;
    throw error;
  }
};

describe("the wire: TLS is asked for unless the connection stays on this machine", () => {
  const read = (url: string, env = {}) => readDatabaseUrl(url, false, env);
  const mode = (url: string, env = {}) => read(url, env).searchParams.get("sslmode");
  test.each([
    ["postgres://u:pw@db.example/db?host=127.0.0.2", {}],
    ["postgres://u:pw@localhost/db?host=127.0.0.2", {}],
    ["postgres://u:pw@localhost/db?host=db.example.org", {}],
    ["postgres:///db?host=192.0.2.7&user=u&password=pw", {}],
    ["postgres://u:pw@db.example.org/db?sslmode=", {}],
    ["postgres:///db", { PGHOST: "db.example.org" }],
    ["postgres://u:pw@db.example.org/db", { PGHOST: "localhost" }],
    ["postgres://u:pw@db.example.org/db", { PGSSLMODE: "disable", PGHOSTADDR: "127.0.0.1" }],
    ["postgres://u:pw@%64b.example.org/db", {}],
    ["postgres://u:pw@[2001:db8::1]/db", {}],
    ["postgres://u:pw@127.0.0.1.example.org/db", {}],
    ["postgres://u:pw@localhost./db", {}],
  ])("%s %j", (url, env) => {
    expect(mode(url, env)).toBe("verify-full");
    // As the driver reads it, which asks the environment for what the URL leaves open.
    expect(parse(read(url, env).href)).toMatchObject({ host: expect.stringMatching(/./), ssl: {} });
  });

  test.each([
    ["postgres://u:pw@localhost/db", {}],
    ["postgres://u:pw@127.0.0.1:5433/db", {}],
    ["postgres://u:pw@[::1]/db", {}],
    ["postgres:///db?host=[::1]", {}],
    ["postgres://u:pw@db.example.org/db?host=/run/postgresql", {}],
    ["postgres://u:pw@%2Frun%2Fpostgresql/db", {}],
    ["postgres:///db", {}],
    ["postgres:///db", { PGHOST: "/run/postgresql" }],
    ["postgres:///db", { PGHOST: "", PGHOSTADDR: "192.0.2.7", PGSERVICE: "far" }],
  ])("not for %s %j, which stays here", (url, env) => {
    expect(mode(url, env)).toBeNull();
    const { host, database } = parse(read(url, env).href);
    expect(host).toMatch(/^(localhost|127\.0\.0\.1|::1|\/run\/postgresql)$/);
    expect(database).toBe("db");
  });

  test.each([
    ["postgres://u:pw@localhost,db.example.org/db", {}],
    ["postgres://u:pw@localhost:5432,db.example.org:5432/db", {}],
    ["postgres://u:pw@localhost/db?host=localhost,db.example.org", {}],
    ["postgres:///db", { PGHOST: "localhost,db.example.org" }],
    // The driver takes the last, other readers the first.
    ["postgres://u:pw@localhost/db?host=localhost&host=db.example.org", {}],
    ["postgres://u:pw@db.example.org/db?sslmode=verify-full&sslmode=disable", {}],
    ["postgres://u:pw@localhost/db?hostaddr=192.0.2.7", {}],
    ["postgres://u:pw@localhost/db?service=far", {}],
    ["postgres:///?service=far&servicefile=/etc/pg_service.conf", {}],
    ["postgres://u:pw@localhost/db?host=%2Frun&x=%zz", {}],
    ["postgres://u:pw@localhost%2Fx/db", { PGHOST: "x y" }],
    ["postgres:///db", { PGHOST: "x y" }],
  ])("refused, for it may be read in two ways: %s %j", async (url, env) => {
    expect(await codeOf(() => read(url, env))).toBe("CONFIG_INVALID");
  });

  const warnings = (url: string, env = {}) => databaseUrlWarnings(url, env).join(" ");
  test("a word of the author's that makes it less safe is said, without the password", () => {
    expect(warnings("postgres://u:hush@db.example.org/db?sslmode=disable")).toContain("clear text");
    expect(warnings("postgres://u:hush@db.example.org/db?sslmode=no-verify")).toContain("nobody checks");
    expect(warnings("postgres://u:hush@db.example.org/db?sslmode=disable")).not.toContain("hush");
    expect(warnings("postgres://u:hush@localhost/db?sslmode=disable")).toBe("");
  });

  test("what the environment says of a server, and is not obeyed, is said", () => {
    for (const name of ["PGHOSTADDR", "PGSERVICE", "PGSERVICEFILE"]) {
      expect(warnings("postgres://u:hush@localhost/db", { [name]: "far" })).toContain(name);
      expect(warnings("embedded", { [name]: "far" })).toBe("");
    }
    expect(warnings("postgres://u@db.example.org/db", { PGSSLMODE: "disable" })).toContain("PGSSLMODE=disable");
    expect(warnings("postgres://u@db.example.org/db", { PGSSLMODE: "verify-full" })).toBe("");
  });

  test("switched off certificates are said", async () => {
    const env = { PSN_CONFIG_DIR: folder, ENCRYPTION_KEY: "ab".repeat(32), NODE_TLS_REJECT_UNAUTHORIZED: "0" };
    expect((await loadHubEnv(env)).warnings.join(" ")).toContain("NODE_TLS_REJECT_UNAUTHORIZED");
  });

  test("X's addresses and others do not mix, for the secret goes to each", async () => {
    const keys = { PSN_CONFIG_DIR: folder, X_CLIENT_ID: "id", X_CLIENT_SECRET: "hush" };
    expect((await loadKeysEnv(keys)).isRealX).toBe(true);
    for (const [name, url] of [
      ["X_TOKEN_URL", "https://api.x.com.evil.example/2/oauth2/token"],
      ["X_REVOKE_URL", "https://evil.example/revoke"],
      ["X_AUTHORIZE_URL", "https://x.com@evil.example/i/oauth2/authorize"],
      ["X_API_BASE_URL", "http://127.0.0.1:4010"],
    ]) {
      expect(await codeOf(() => loadKeysEnv({ ...keys, [String(name)]: url }))).toBe("CONFIG_INVALID");
    }
  });
});

describe("files", () => {
  test("a FIFO, a folder and a device are refused at once", async () => {
    const fifo = join(folder, "fifo.png");
    execFileSync("mkfifo", [fifo]);
    for (const file of [fifo, folder, "/dev/zero"]) {
      expect(await codeOf(() => inspectMedia(file))).toBe("MEDIA_UNREADABLE");
    }
  });

  test("what is stored is what was looked at: a link that leads elsewhere by then is refused", async () => {
    const [picture, secret, link] = ["picture.png", "secret.txt", "link.png"].map((name) => join(folder, name)) as [
      string,
      string,
      string,
    ];
    await writeFile(picture, drawPicture());
    await writeFile(secret, "not a picture");
    await symlink(picture, link);
    const { identity } = await inspectMedia(link);
    await rm(link);
    await symlink(secret, link);
    const store = folderStore(join(folder, "store"));
    expect(await codeOf(() => store.add(link, identity))).toBe("MEDIA_CHANGED");
    expect((await store.add(picture, identity)).byteLength).toBeGreaterThan(0);
  });
});

describe("text", () => {
  test("more accents in a row than any script has are refused before they are sorted", async () => {
    for (const marks of ["\u0651\u064e", "\u0f71\u0f72\u0f80", "\u0301\u0316"]) {
      expect(await codeOf(() => composeThread(`a${marks.repeat(300_000)}`))).toBe("TEXT_INVALID_CHARACTER");
    }
    expect(composeThread(`a${"\u0301\u0316".repeat(20)}`).tweets).toHaveLength(1);
  });

  test("half a million blank lines are gone over once", () => {
    expect(composeThread(`a${"\n".repeat(500_000)}b`).tweets).toHaveLength(2);
  });
});

describe("the sandbox", () => {
  let sandbox: RunningSandbox;
  beforeAll(async () => {
    sandbox = await startSandbox();
  });
  afterAll(() => sandbox.stop());

  const ask = (method: string, path: string, headers: Record<string, string>): Promise<number> =>
    new Promise((resolve, reject) => {
      const sent = request(`${sandbox.url}${path}`, { method, headers }, (answer) => {
        answer.resume();
        resolve(answer.statusCode ?? 0);
      });
      sent.on("error", reject);
      sent.end();
    });

  test.each([
    ["another name", { host: "evil.example" }],
    ["a name that looks like this machine", { host: "127.0.0.1.evil.example:4010" }],
    ["another site", { origin: "https://evil.example" }],
    ["a page of this machine at another port", { origin: "http://localhost:5173" }],
    ["a page of this machine without a port", { origin: "http://127.0.0.1" }],
    ["a page without an origin", { origin: "null" }],
  ])("%s can neither read nor drive it", async (_, headers) => {
    for (const [method, path] of [
      ["GET", "/"],
      ["GET", "/sandbox/state"],
      ["POST", "/sandbox/tokens"],
      ["GET", "/i/oauth2/authorize?sandbox_consent=auto"],
      ["POST", "/2/oauth2/token"],
    ] as const) {
      expect(await ask(method, path, headers)).toBe(403);
    }
  });

  test.each([
    [{ referer: "http://localhost:5173/" }],
    [{ referer: "https://evil.example/" }],
    [{ "sec-fetch-site": "same-site" }],
    [{ "sec-fetch-site": "cross-site" }],
  ])("a page that sends no origin may lead to it, and never acts: %j", async (headers) => {
    expect(await ask("GET", "/", headers)).toBe(200);
    for (const path of ["/sandbox/tokens", "/sandbox/panel", "/2/oauth2/token", "/i/oauth2/authorize"]) {
      expect(await ask("POST", path, headers), path).toBe(403);
    }
  });

  test("a page that leads to the sign-in does not say yes in its reader's place", async () => {
    const [app] = Object.values(sandbox.sandbox.save().state.apps);
    const url = new URL(
      `${sandbox.url}/i/oauth2/authorize?response_type=code&scope=tweet.read&state=s&sandbox_consent=auto`,
    );
    url.searchParams.set("client_id", app?.clientId ?? "");
    url.searchParams.set("redirect_uri", app?.callbacks[0] ?? "");
    url.searchParams.set("code_challenge", "c".repeat(43));
    const path = `${url.pathname}${url.search}`;
    const accept = "application/json";
    expect(await ask("GET", path, { accept: "text/html" })).toBe(302);
    expect(await ask("GET", path, { accept: "text/html", "sec-fetch-site": "none" })).toBe(302);
    for (const headers of [{ "sec-fetch-site": "cross-site" }, { referer: "http://localhost:5173/", accept }]) {
      expect(await ask("GET", path, headers)).toBe(200);
    }
    expect(Object.keys(sandbox.sandbox.save().state.codes)).toHaveLength(2);
  });

  test("its own page can", async () => {
    expect(await ask("GET", "/", {})).toBe(200);
    expect(await ask("GET", "/", { host: `localhost:${sandbox.port}` })).toBe(200);
    expect(await ask("GET", "/", { origin: sandbox.url })).toBe(200);
    expect(await ask("GET", "/", { origin: "null", "sec-fetch-site": "same-origin" })).toBe(200);
    const pressed = [{ origin: sandbox.url }, { referer: `${sandbox.url}/` }, { "sec-fetch-site": "same-origin" }, {}];
    // The panel's answer to a button that it does not have.
    for (const headers of pressed) expect(await ask("POST", "/sandbox/panel", headers)).toBe(400);
  });
});
