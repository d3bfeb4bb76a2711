import { afterEach, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { wallClock } from "../../core/clock.ts";
import { readFetchFailure } from "./fetch-failure.ts";
import { refusingUrl, serve, serveRaw } from "./testing.ts";
import { exchange, secureUrl, type WireRequest } from "./transport.ts";

const closing: { close(): Promise<void> }[] = [];
afterEach(async () => {
  for (const server of closing.splice(0)) await server.close();
});
function kept<T extends { close(): Promise<void> }>(server: T): T {
  closing.push(server);
  return server;
}

const options = { fetch: (url: string, init: RequestInit) => fetch(url, init), clock: wallClock };
function send(url: string, more: Partial<WireRequest> = {}, signal?: AbortSignal) {
  const request: WireRequest = {
    method: "POST",
    url,
    headers: { "content-type": "application/json" },
    body: "{}",
    timeoutMs: 20_000,
    bodyBytesMax: 1024 * 1024,
    ...more,
  };
  return exchange(request, options, signal);
}

test("a refused connection and an unknown name prove that nothing was sent", async () => {
  expect(await send(await refusingUrl())).toEqual({
    kind: "silent",
    neverSent: true,
    cause: "no answer (ECONNREFUSED)",
  });
  const nowhere = await send("https://no-such-host.invalid/");
  expect(nowhere).toMatchObject({ kind: "silent", neverSent: true });
});

test("scenario 2: a reset or an end after the request, or garbage for an answer, proves nothing", async () => {
  const ends: ((socket: import("node:net").Socket) => unknown)[] = [
    (socket) => socket.resetAndDestroy(),
    (socket) => socket.end(),
    (socket) => socket.end("garbage\r\n\r\n"),
    (socket) => socket.end("HTTP/1.1 201 Created\r\nContent-Le"),
  ];
  for (const end of ends) {
    const server = kept(await serveRaw(end));
    expect(await send(server.url)).toMatchObject({ kind: "silent", neverSent: false });
  }
});

test("scenario 2: a body that breaks off after its headers leaves the status known", async () => {
  for (const end of ["end", "resetAndDestroy"] as const) {
    const server = kept(
      await serveRaw((socket) => {
        socket.write('HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 100\r\n\r\n{"data":');
        // A reset takes back what has not been read yet.
        setTimeout(() => socket[end](), 300);
      }),
    );
    expect(await send(server.url)).toMatchObject({ kind: "responded", status: 201, form: "cut" });
  }
});

test("the time limit spans headers and body", async () => {
  const silent = kept(await serveRaw(() => {}));
  expect(await send(silent.url, { timeoutMs: 1_000 })).toEqual({
    kind: "silent",
    neverSent: false,
    cause: "no answer within 1000 ms",
  });
  const dripping = kept(
    await serve((_, response) => {
      response.writeHead(201, { "content-type": "application/json" });
      const drip = setInterval(() => response.write(" "), 10);
      response.on("close", () => clearInterval(drip));
    }),
  );
  expect(await send(dripping.url, { timeoutMs: 1_000 })).toMatchObject({ kind: "responded", status: 201, form: "cut" });
});

test("a fetch that does not heed its signal is not waited for", async () => {
  const deaf = { fetch: () => new Promise<Response>(() => {}), clock: wallClock };
  const request: WireRequest = {
    method: "GET",
    url: "http://x/",
    headers: {},
    body: null,
    timeoutMs: 30,
    bodyBytesMax: 9,
  };
  expect(await exchange(request, deaf)).toMatchObject({ kind: "silent", neverSent: false });
  const stuck = new Response(new ReadableStream({ pull: () => new Promise(() => {}) }));
  expect(await exchange(request, { ...deaf, fetch: async () => stuck })).toMatchObject({ form: "cut" });
});

test("an abort before sending throws its reason; one after it is an answer that never came", async () => {
  const reason = new Error("shutting down");
  const stop = new AbortController();
  const server = kept(await serve(() => stop.abort(reason)));
  expect(send(server.url, {}, AbortSignal.abort(reason))).rejects.toBe(reason);
  expect(server.seen).toHaveLength(0);
  expect(await send(server.url, {}, stop.signal)).toEqual({
    kind: "silent",
    neverSent: false,
    cause: "stopped while waiting for the answer",
  });
});

test("a body beyond the bound is not read to its end", async () => {
  const server = kept(
    await serve(async (_, response) => {
      response.writeHead(200, { "content-type": "application/json" });
      const closed = once(response, "close");
      for (let i = 0; i < 10_000 && !response.destroyed; i++) {
        if (!response.write("x".repeat(100_000))) {
          await Promise.race([once(response, "drain"), closed]);
        }
      }
      response.end();
    }),
  );
  expect(await send(server.url, { bodyBytesMax: 1_000_000 })).toMatchObject({ status: 200, form: "too_large" });
});

test("a redirect is not followed: it would send a create twice, and the token elsewhere", async () => {
  const server = kept(
    await serve(({ path }, response) => {
      response.writeHead(307, { location: `${path}again` }).end();
    }),
  );
  expect(await send(`${server.url}/`)).toMatchObject({ kind: "responded", status: 307 });
  expect(server.seen).toHaveLength(1);
});

test("a create on a connection that dies is not sent again behind our back", async () => {
  let requests = 0;
  const server = kept(
    await serve((_, response) => {
      requests++;
      if (requests === 1) response.writeHead(200).end("{}");
      else response.socket?.destroy();
    }),
  );
  expect(await send(server.url)).toMatchObject({ status: 200 });
  expect(await send(server.url)).toMatchObject({ kind: "silent", neverSent: false });
  expect(requests).toBe(2);
});

test("a header that cannot be sent is a bug, reported without its value", async () => {
  const failure = await send("http://127.0.0.1:1/", { headers: { authorization: "Bearer se\ncret" } }).catch(
    (e: unknown) => e,
  );
  expect(failure).toBeInstanceOf(TypeError);
  expect(String(failure)).not.toContain("cret");
});

test("secrets travel by https, or on this machine", () => {
  for (const url of [
    "https://api.x.com",
    "http://127.0.0.1:8080",
    "http://localhost:3000",
    "http://[::1]:1",
    "http://x.localhost",
  ]) {
    expect(secureUrl(`${url}/`)).toBe(url);
  }
  for (const url of ["http://api.x.com", "ftp://x", "nonsense", "", "http://127.0.0.1.evil.example"]) {
    expect(() => secureUrl(url)).toThrow(TypeError);
  }
});

test("failures in the shapes of both runtimes", () => {
  const node = (cause: object) =>
    Object.assign(new TypeError("fetch failed"), { cause: Object.assign(new Error("x"), cause) });
  const bun = (fields: object) => Object.assign(new TypeError("x"), fields);
  const aggregate = (...codes: string[]) =>
    node({
      code: "ECONNREFUSED",
      errors: codes.map((code) => Object.assign(new Error("x"), { code, syscall: "connect" })),
    });
  const never: unknown[] = [
    node({ code: "ECONNREFUSED", syscall: "connect" }),
    node({ code: "ENOTFOUND", syscall: "getaddrinfo" }),
    node({ code: "ETIMEDOUT", syscall: "connect" }),
    node({ code: "EHOSTUNREACH", syscall: "connect" }),
    node({ code: "UND_ERR_CONNECT_TIMEOUT" }),
    node({ code: "DEPTH_ZERO_SELF_SIGNED_CERT" }),
    node({ code: "ERR_SSL_TLSV1_ALERT_PROTOCOL_VERSION" }),
    aggregate("ECONNREFUSED", "ENETUNREACH"),
    bun({ code: "ECONNREFUSED", errno: 0 }),
    bun({ code: "ENOTFOUND", syscall: "getaddrinfo", errno: 4 }),
    bun({ code: "CERT_HAS_EXPIRED", errno: 0 }),
  ];
  for (const error of never)
    expect([readFetchFailure(error).code, readFetchFailure(error).neverSent]).toEqual([expect.any(String), true]);
  const perhaps: unknown[] = [
    node({ code: "ECONNRESET", syscall: "read" }),
    node({ code: "ETIMEDOUT", syscall: "read" }),
    node({ code: "EHOSTUNREACH", syscall: "read" }),
    node({ code: "ECONNREFUSED", syscall: "read" }),
    node({ code: "EPIPE", syscall: "write" }),
    node({ code: "UND_ERR_SOCKET" }),
    node({ code: "HPE_INVALID_CONSTANT" }),
    node({ errors: [Object.assign(new Error("x"), { code: "ECONNREFUSED", syscall: "connect" }), new Error("?")] }),
    bun({ code: "ECONNRESET", errno: 0 }),
    // Bun says this in mid-stream too: measured.
    bun({ code: "EPROTO", errno: 0 }),
    bun({ code: "ENETUNREACH", errno: 0 }),
    new DOMException("x", "TimeoutError"),
    new Error("?"),
    "text",
    null,
    undefined,
    (() => {
      const loop = new Error("loop");
      loop.cause = loop;
      return loop;
    })(),
  ];
  for (const error of perhaps) expect(readFetchFailure(error).neverSent).toBe(false);
});

// PSN's tasks run on Node in Trigger.dev, whose fetch fails in other shapes: the same file must judge them there.
const nodeVersion = spawnSync("node", ["--version"], { encoding: "utf8" }).stdout?.trim();
test.skipIf(!nodeVersion)("the same judgements under Node, against real failures", async () => {
  const folder = mkdtempSync(join(tmpdir(), "psn-x-"));
  try {
    const built = await Bun.build({ entrypoints: [join(import.meta.dir, "fetch-failure.ts")], target: "node" });
    writeFileSync(join(folder, "failure.mjs"), await (built.outputs[0]?.text() ?? ""));
    writeFileSync(join(folder, "probe.mjs"), NODE_PROBE);
    const run = spawnSync("node", [join(folder, "probe.mjs")], { encoding: "utf8", timeout: 8_000 });
    expect(run.stderr).toBe("");
    expect(JSON.parse(run.stdout)).toEqual({
      refused: true,
      dns: true,
      reset: false,
      ended: false,
      garbage: false,
      timeout: false,
    });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

const NODE_PROBE = `
import { createServer } from "node:net";
import { readFetchFailure } from "./failure.mjs";
const serve = (end) => new Promise((resolve) => {
  const server = createServer((socket) => { socket.on("error", () => {}); socket.once("data", () => end(socket)); });
  server.listen(0, "127.0.0.1", () => resolve(server));
});
const ask = async (url, signal) => {
  try { await (await fetch(url, { method: "POST", body: "{}", signal })).text(); return "answered"; }
  catch (error) { return readFetchFailure(error).neverSent; }
};
const urlOf = (server) => "http://127.0.0.1:" + server.address().port + "/";
const dead = await serve(() => {});
const deadUrl = urlOf(dead);
await new Promise((resolve) => dead.close(resolve));
const to = async (end) => ask(urlOf(await serve(end)));
const answers = {
  refused: await ask(deadUrl),
  dns: await ask("http://no-such-host.invalid/"),
  reset: await to((socket) => socket.resetAndDestroy()),
  ended: await to((socket) => socket.end()),
  garbage: await to((socket) => socket.end("garbage\\r\\n\\r\\n")),
  timeout: await ask(urlOf(await serve(() => {})), AbortSignal.timeout(50)),
};
process.stdout.write(JSON.stringify(answers), () => process.exit(0));
`;
