/** Servers that mean harm: an X, an S3 and a Postgres of our own, which send too much, too slowly, elsewhere, or nonsense. */
import { afterEach, describe, expect, test } from "bun:test";
import { writeFile } from "node:fs/promises";
import { createServer, type Server, type ServerResponse } from "node:http";
import { type AddressInfo, createServer as createTcp, type Socket } from "node:net";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { wallClock } from "../../src/core/clock.ts";
import { createHubConnection } from "../../src/core/db/connection.ts";
import { glance } from "../../src/core/db/glance.ts";
import { PsnError } from "../../src/core/errors.ts";
import { s3Backend } from "../../src/core/media/s3-backend.ts";
import { processCreatePostResponse } from "../../src/platforms/x/judge.ts";
import { processTimelineResponse } from "../../src/platforms/x/judge-posts.ts";
import { type Answer, exchange } from "../../src/platforms/x/transport.ts";
import { testHome } from "../../src/testing/cli.ts";
import { testHub } from "../../src/testing/hub.ts";

const MIB = 1024 * 1024;
const BOMB = gzipSync(Buffer.alloc(256 * MIB, " "));
const closing: (() => void)[] = [];
afterEach(() => {
  for (const close of closing.splice(0)) close();
});

async function listening(server: Server | ReturnType<typeof createTcp>, host = "127.0.0.1"): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, host, resolve));
  closing.push(() => {
    if ("closeAllConnections" in server) server.closeAllConnections();
    server.close();
  });
  return (server.address() as AddressInfo).port;
}

/** An HTTP server that answers everything in one way. `taken` counts the bytes that somebody read of it. */
async function hostile(answer: (response: ServerResponse) => unknown) {
  const asked: string[] = [];
  let socketBytes = 0;
  const server = createServer((request, response) => {
    asked.push(`${request.method} ${request.headers.authorization ?? ""}`);
    response.on("close", () => {
      socketBytes += response.socket?.bytesWritten ?? 0;
    });
    response.on("error", () => {});
    request.resume();
    answer(response);
  });
  const port = await listening(server);
  return { url: `http://127.0.0.1:${port}`, asked, sentBytes: () => socketBytes };
}

/** Writes `bytes` in pieces as the reader takes them, up to 256 MiB. */
function flood(response: ServerResponse, piece: Buffer, totalBytes = 256 * MIB): void {
  let left = totalBytes;
  const more = () => {
    while (left > 0 && !response.destroyed) {
      left -= piece.length;
      if (!response.write(piece)) return void response.once("drain", more);
    }
    response.end();
  };
  more();
}

const ATTACKS: Record<string, (response: ServerResponse) => unknown> = {
  "256 MiB without a length": (response) => flood(response.writeHead(200), Buffer.alloc(64 * 1024, " ")),
  "a length of 2^53, and nothing": (response) =>
    response.writeHead(200, { "content-length": String(2 ** 53 - 1) }).end("{"),
  "256 MiB in 256 KiB of gzip": (response) => {
    response.writeHead(200, { "content-encoding": "gzip", "content-type": "application/json" });
    response.end(BOMB);
  },
  "gzip that is none": (response) => response.writeHead(200, { "content-encoding": "gzip" }).end("{}"),
  "200,000 arrays in one another": (response) => response.writeHead(200).end("[".repeat(200_000) + "]".repeat(200_000)),
  "a million keys": (response) =>
    response.writeHead(200).end(`{${Array.from({ length: 500_000 }, (_, at) => `"k${at}":0`).join(",")}}`),
  "__proto__ and constructor": (response) =>
    response
      .writeHead(200)
      .end('{"__proto__":{"polluted":1},"data":{"__proto__":{"id":"1"},"constructor":{"prototype":{"id":"1"}}}}'),
  "a byte now and then": (response) => {
    response.writeHead(200);
    const timer = setInterval(() => response.write(" "), 20);
    response.on("close", () => clearInterval(timer));
  },
  "headers of a megabyte": (response) => {
    response.socket?.write(`HTTP/1.1 200 OK\r\n${`x-h: ${"a".repeat(1000)}\r\n`.repeat(1000)}\r\n{}`);
    response.socket?.end();
  },
  "no HTTP at all": (response) => {
    response.socket?.end("\0\x01\x02 SSH-2.0-OpenSSH\r\n\r\n");
  },
  "a status that there is none of": (response) => {
    response.socket?.end("HTTP/1.1 999 \x1b[2J\r\ncontent-length: 2\r\n\r\n{}");
  },
};

describe("a hostile X", () => {
  const ask = (url: string, method: "GET" | "POST" = "POST", timeoutMs = 1_500): Promise<Answer> =>
    exchange(
      {
        method,
        url: `${url}/2/tweets`,
        headers: { authorization: "Bearer hush", "content-type": "application/json" },
        ...(method === "POST" ? { body: "{}" } : {}),
        timeoutMs,
        bodyBytesMax: MIB,
      } as Parameters<typeof exchange>[0],
      { fetch: (to, init) => fetch(to, init), clock: wallClock },
    );
  const context = { now: new Date(), secrets: ["hush"] };

  test.each(Object.keys(ATTACKS))("%s: the answer is bounded and says nothing of a tweet", async (name) => {
    const server = await hostile(ATTACKS[name] ?? (() => {}));
    const answer = await ask(server.url);
    expect(processCreatePostResponse(answer, { ...context, isReply: false }).kind).not.toBe("posted");
    const page = processTimelineResponse(answer, context);
    if (page.kind === "page") expect(page.posts).toEqual([]);
    if (answer.kind === "responded" && name.startsWith("256 MiB")) expect(answer.form).toBe("too_large");
    expect(server.sentBytes()).toBeLessThan(64 * MIB);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  });

  test.each([301, 302, 303, 307, 308])("%s: a redirect is not followed, and the token goes nowhere", async (status) => {
    const other = await hostile((response) => response.end('{"data":{"id":"1","text":"x"}}'));
    const server = await hostile((response) => response.writeHead(status, { location: other.url }).end());
    for (const method of ["POST", "GET"] as const) {
      const answer = await ask(server.url, method);
      expect(processCreatePostResponse(answer, { ...context, isReply: false }).kind).not.toBe("posted");
    }
    expect(server.asked).toHaveLength(2);
    expect(other.asked).toEqual([]);
  });
});

describe("a hostile S3", () => {
  const HASH = "a".repeat(64);
  const backend = (endpoint: string, callMsMax?: number) =>
    s3Backend({
      endpoint,
      bucket: "b",
      region: "r",
      accessKeyId: "id",
      secretAccessKey: "hush",
      ...(callMsMax === undefined ? {} : { callMsMax }),
    });
  /** Larger than what is stored in one request. */
  const LARGE = 9 * MIB;
  async function* largeBytes() {
    for (let at = 0; at < LARGE; at += MIB) yield new Uint8Array(MIB);
  }
  async function* bytes() {
    yield new Uint8Array(10);
  }
  const codeOf = (act: Promise<unknown>) =>
    act.then(
      () => "no error",
      (error) => (error instanceof PsnError ? error.code : error),
    );

  test("more than was asked for is not read to its end", async () => {
    const server = await hostile((response) => flood(response.writeHead(206), Buffer.alloc(64 * 1024, " ")));
    expect(await codeOf(backend(server.url).read(HASH, 0, 1000))).toBe("MEDIA_STORE_UNAVAILABLE");
    const bomb = await hostile((response) => {
      response.writeHead(206, { "content-encoding": "gzip" }).end(BOMB);
    });
    expect(await codeOf(backend(bomb.url).read(HASH, 0, 1000))).toBe("MEDIA_STORE_UNAVAILABLE");
    expect(server.sentBytes()).toBeLessThan(64 * MIB);
  });

  test("of storage that knows no ranges only what was asked for is kept, and nothing behind it read", async () => {
    const server = await hostile((response) => flood(response.writeHead(200), Buffer.from("0123456789".repeat(6_000))));
    expect(Buffer.from(await backend(server.url).read(HASH, 59_995, 60_005)).toString()).toBe("5678901234");
    expect(server.sentBytes()).toBeLessThan(64 * MIB);
    const short = await hostile((response) => response.writeHead(200).end("0123"));
    expect(await codeOf(backend(short.url).read(HASH, 2, 10))).toBe("MEDIA_STORE_UNAVAILABLE");
  });

  test.each(["gzip that is none", "no HTTP at all"])("%s is not taken for media", async (name) => {
    const server = await hostile(ATTACKS[name] ?? (() => {}));
    expect(await codeOf(backend(server.url).read(HASH, 0, 1000))).toBe("MEDIA_STORE_UNAVAILABLE");
  });

  test("an error of 256 MiB is cut, and what it says acts upon nothing", async () => {
    const server = await hostile((response) => flood(response.writeHead(403), Buffer.alloc(64 * 1024, "<Code>")));
    const error = await backend(server.url)
      .read(HASH, 0, 10)
      .catch((thrown) => thrown);
    expect(error).toMatchObject({ code: "MEDIA_STORE_UNAVAILABLE" });
    expect(error.message.length).toBeLessThan(300);
  });

  /** A byte now and then and no end, after these headers; one of 0 never ends its headers. */
  const drip = (status: number) => (response: ServerResponse) => {
    if (status === 0) response.socket?.write("HTTP/1.1 200 OK\r\n");
    else response.writeHead(status);
    const timer = setInterval(() => (status === 0 ? response.socket?.write("x") : response.write(" ")), 20);
    response.on("close", () => clearInterval(timer));
  };

  test.each([
    ["what is read", 206],
    ["all of the file", 200],
    ["an error", 403],
    ["its headers", 0],
  ])("that sends %s a byte at a time ends with the time that a call has", async (_, status) => {
    const store = backend((await hostile(drip(status))).url, 300);
    expect(await codeOf(store.read(HASH, 0, 1000))).toBe("MEDIA_STORE_UNAVAILABLE");
    const large = { sha256: HASH, byteLength: LARGE };
    expect(await codeOf(store.put(large, largeBytes()))).toBe("MEDIA_STORE_UNAVAILABLE");
  });

  test("a redirect is refused, and the file goes nowhere", async () => {
    const other = await hostile((response) => response.end("taken"));
    const server = await hostile((response) => response.writeHead(307, { location: other.url }).end());
    const store = backend(server.url);
    const blob = { sha256: HASH, byteLength: 10 };
    for (const act of [() => store.put(blob, bytes()), () => store.read(HASH, 0, 10), () => store.has(blob)]) {
      expect(await codeOf(act())).toBe("MEDIA_STORE_UNAVAILABLE");
    }
    expect(other.asked).toEqual([]);
  });
});

describe("a hostile Postgres", () => {
  /** A server that answers what is first sent to it with `answer`, and keeps all that it is sent. */
  async function postgres(answer: Buffer, host: string) {
    const heard: Buffer[] = [];
    const sockets = new Set<Socket>();
    const server = createTcp((socket) => {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("data", (data) => {
        heard.push(Buffer.from(data));
        socket.end(answer);
      });
    });
    const port = await listening(server, host);
    closing.push(() => {
      for (const socket of sockets) socket.destroy();
    });
    return { port, heard: () => Buffer.concat(heard).toString("latin1") };
  }
  const open = (databaseUrl: string) =>
    createHubConnection({ databaseUrl, dataDir: "/nowhere" }).then(
      () => "opened",
      (error) => error.code,
    );

  test.skipIf(process.platform !== "linux")(
    "that has no TLS, on a host that is not this machine, gets no password",
    async () => {
      // 127.0.0.2 is a host of its own to PSN, which only this machine can reach.
      const server = await postgres(Buffer.from("N"), "127.0.0.2");
      expect(await open(`postgres://u:hush@127.0.0.2:${server.port}/db`)).toMatch(/^HUB_/);
      expect(server.heard()).not.toContain("hush");
      expect(server.heard()).not.toContain("user");
    },
  );

  test.skipIf(process.platform !== "linux")(
    "however the configuration leads there, gets no password from any command",
    async () => {
      const server = await postgres(Buffer.from("N"), "127.0.0.2");
      const home = await testHome();
      const { port } = server;
      const service = `[far]\nhost=127.0.0.2\nport=${port}\nuser=u\npassword=hush\nsslmode=disable\n`;
      const file = join(home.folder, ".pg_service.conf");
      await writeFile(file, service, { mode: 0o600 });
      // On this machine's own loopback nothing listens at that port.
      const here = `postgres://u:hush@127.0.0.1:${port}/db`;
      const cases: [url: string, env: Record<string, string>, code: RegExp, said?: string][] = [
        [`postgres://u:hush@127.0.0.2:${port}/db?sslmode=`, {}, /^HUB_/],
        [`postgres://u:hush@127.0.0.2:${port}/db?sslmode=prefer&ssl=0`, {}, /^HUB_/],
        [`postgres://u:hush@127.0.0.2:${port}/db`, { PGSSLMODE: "disable" }, /^HUB_/, "PGSSLMODE"],
        [`postgres://u:hush@localhost:${port}/db?host=127.0.0.2`, {}, /^HUB_/],
        [`postgres:///db?port=${port}&user=u&password=hush`, { PGHOST: "127.0.0.2" }, /^HUB_/],
        ["postgres:///db", { PGHOST: "127.0.0.2", PGPORT: `${port}`, PGUSER: "u", PGPASSWORD: "hush" }, /^HUB_/],
        [`${here}?host=127.0.0.1&host=127.0.0.2`, {}, /^CONFIG_INVALID$/],
        [`${here}?hostaddr=127.0.0.2`, {}, /^CONFIG_INVALID$/],
        [`${here}?service=far`, {}, /^CONFIG_INVALID$/],
        [`postgres://u:hush@127.0.0.1,127.0.0.2/db?port=${port}`, {}, /^CONFIG_INVALID$/],
        [`${here}?host=127.0.0.1,127.0.0.2`, {}, /^CONFIG_INVALID$/],
        [here, { PGHOSTADDR: "127.0.0.2", PGSSLMODE: "disable" }, /^HUB_/, "PGHOSTADDR"],
        [here, { PGSERVICE: "far" }, /^HUB_/, "PGSERVICE"],
        [here, { PGSERVICE: "far", PGSERVICEFILE: file }, /^HUB_/, "PGSERVICEFILE"],
      ];
      try {
        await Promise.all(
          cases.map(async ([DATABASE_URL, more, code, said = ""]) => {
            const ran = await home.psnProcess(["post", "list"], { env: { ...home.env, DATABASE_URL, ...more } });
            expect((ran.json as { error?: { code: string } }).error?.code, DATABASE_URL).toMatch(code);
            expect(ran.stdout + ran.stderr, DATABASE_URL).toContain(said);
            expect(ran.stdout + ran.stderr).not.toContain("hush");
          }),
        );
        expect(server.heard()).not.toContain("hush");
        expect(server.heard()).not.toContain("user");
      } finally {
        await home.close();
      }
    },
    120_000,
  );

  test.each<[string, Buffer]>([
    ["nonsense", Buffer.alloc(4000, "\0\x01\x02\x03")],
    ["the beginning of a message of 2 GiB", Buffer.from([0x52, 0x7f, 0xff, 0xff, 0xff, 0, 0, 0, 0])],
    ["an error with escapes", Buffer.from("E\0\0\0\x1fSFATAL\0C28P01\0M\x1b[2J\x1b]0;x\x07\0\0", "latin1")],
  ])("that sends %s is an error of the hub", async (_, answer) => {
    const server = await postgres(answer, "127.0.0.1");
    expect(await open(`postgres://u:hush@127.0.0.1:${server.port}/db`)).toMatch(/^HUB_/);
  });
});

describe("a Postgres that floods", () => {
  const message = (type: string, body: Buffer, length = body.length + 4) => {
    const head = Buffer.alloc(5);
    head.write(type, "latin1");
    head.writeUInt32BE(length, 1);
    return Buffer.concat([head, body]);
  };
  const READY = message("Z", Buffer.from("I"));
  const LET_IN = Buffer.concat([message("R", Buffer.alloc(4)), READY]);
  const DONE = Buffer.concat([message("C", Buffer.from("SET\0")), READY]);
  const COLUMN = message("T", Buffer.concat([Buffer.from([0, 1]), Buffer.from("a\0"), Buffer.alloc(18)]));
  const ROW = message("D", Buffer.from([0, 1, 0, 0, 0, 1, 0x78]));
  const NOTICE = message("N", Buffer.from(`SNOTICE\0VNOTICE\0C00000\0M${"\x1b[2Jnotice ".repeat(90)}\0\0`));
  const piled = (one: Buffer) => Buffer.concat(Array.from({ length: Math.ceil(MIB / one.length) }, () => one));

  /** Takes any password, answers `set` as it should, and every other statement with `head` and then `piece` without an end. */
  async function flooding(head: Buffer, piece: Buffer, isAtOnce = false): Promise<string> {
    const server = createTcp((socket) => {
      socket.on("error", () => {});
      let isIn = false;
      const pour = () => {
        while (!socket.destroyed && socket.write(piece));
        if (!socket.destroyed) socket.once("drain", pour);
      };
      socket.on("data", (data) => {
        if (isIn && data.toString("latin1").includes("set ")) return void socket.write(DONE);
        if (!isIn && !isAtOnce) {
          isIn = true;
          return void socket.write(LET_IN);
        }
        socket.write(head);
        pour();
      });
    });
    return `postgres://u:hush@127.0.0.1:${await listening(server)}/db`;
  }

  test.each<[string, Buffer, Buffer, boolean]>([
    ["rows", COLUMN, piled(ROW), false],
    ["notices", Buffer.alloc(0), piled(NOTICE), false],
    [
      "one row of a gigabyte",
      Buffer.concat([COLUMN, message("D", Buffer.alloc(0), 2 ** 30)]),
      Buffer.alloc(MIB),
      false,
    ],
    ["notices before it lets in", Buffer.alloc(0), piled(NOTICE), true],
    ["a message of a gigabyte before it lets in", message("R", Buffer.alloc(0), 2 ** 30), Buffer.alloc(MIB), true],
  ])(
    "%s without an end: the connection is closed, and the command says so",
    async (_, head, piece, isAtOnce) => {
      const databaseUrl = await flooding(head, piece, isAtOnce);
      const before = process.memoryUsage.rss();
      const error = await createHubConnection({ databaseUrl, dataDir: "/nowhere" }).then(
        () => "opened",
        (thrown) => thrown,
      );
      expect(error).toMatchObject({ code: "HUB_UNREACHABLE", message: expect.stringContaining("without an end") });
      expect((process.memoryUsage.rss() - before) / MIB).toBeLessThan(2048);
    },
    120_000,
  );

  test("what a shell asks at TAB ends as well, though its time is not over", async () => {
    const databaseUrl = await flooding(Buffer.alloc(0), piled(NOTICE));
    const hourMs = 60 * 60_000;
    expect(await glance({ databaseUrl, dataDir: "/nowhere" }, hourMs, (db) => db.execute("select 1"))).toBeNull();
  }, 120_000);

  test("a command ends, with nothing of it on the terminal", async () => {
    const home = await testHome();
    try {
      const env = { ...home.env, DATABASE_URL: await flooding(Buffer.alloc(0), piled(NOTICE)) };
      const ran = await home.psnProcess(["post", "list"], { env });
      expect(ran.json).toMatchObject({ outcome: "error", error: { code: "HUB_UNREACHABLE" } });
      expect(ran.stdout + ran.stderr).not.toContain("\x1b");
    } finally {
      await home.close();
    }
  }, 120_000);
});

describe("another tenant of the database", () => {
  test("functions that they put before Postgres's own are not called", async () => {
    const home = await testHome();
    try {
      const change = (sql: string) => home.hub.pool.query(sql);
      await change("create schema evil");
      const planted = {
        "clock_timestamp()": "timestamptz",
        "now()": "timestamptz",
        "lower(text)": "text",
        "md5(text)": "text",
        "length(text)": "integer",
        "hashtextextended(text, bigint)": "bigint",
        "pg_advisory_xact_lock(bigint)": "void",
        "current_setting(text, boolean)": "text",
        "jsonb_array_length(jsonb)": "integer",
      };
      for (const [signature, returns] of Object.entries(planted)) {
        await change(`create function evil.${signature} returns ${returns} language plpgsql as $$
          begin raise exception 'planted % was called', '${signature}'; end $$`);
      }
      await change("create table evil.posts (id text)");
      const { rows } = await change("select current_database() as name");
      await change(`alter database ${rows[0].name} set search_path = evil, public, pg_catalog`);
      await home.signIn();
      const made = await home.psnProcess(["post", "create", "Planted.", "--now"]);
      expect(made).toMatchObject({ code: 0, stderr: "" });
      expect(home.onX()).toEqual(["Planted."]);
      for (const line of ["post list", "status"]) {
        const ran = await home.psnProcess(line.split(" "));
        expect(ran.stdout + ran.stderr, line).not.toContain("planted");
        expect(ran.code, line).toBe(0);
      }
    } finally {
      await home.close();
    }
  }, 60_000);

  test("every guard has its own search path", async () => {
    const { hub, drop } = await testHub();
    const { rows } = await hub.pool.query(`
      select p.proname as name, p.proconfig as config
      from pg_proc p
      join pg_namespace n on n.oid = p.pronamespace
      join pg_language l on l.oid = p.prolang
      where n.nspname = 'psn' and l.lanname = 'plpgsql'`);
    expect(rows.length).toBeGreaterThan(5);
    for (const { name, config } of rows) expect(config, name).toContain("search_path=pg_catalog, pg_temp");
    await drop();
  });
});
