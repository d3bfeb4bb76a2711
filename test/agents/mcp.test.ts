/** PSN as MCP tools, with the official client: in process and over stdio, in both revisions, with and without elicitation. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import type { Client } from "@modelcontextprotocol/client";
import { StdioClientTransport } from "@modelcontextprotocol/client/stdio";
import { setApprovalMode } from "../../src/core/post/approval-mode.ts";
import { TOOLS, toolName } from "../../src/mcp/tools.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { psn } from "../../src/testing/screen.ts";
import { connect, type Mode, clientOf as newClient, type Person } from "./stage.ts";

let home: TestHome;
const open: { close(): Promise<void> }[] = [];
beforeAll(async () => {
  home = await testHome();
  await home.signIn();
});
afterAll(async () => {
  for (const one of open) await one.close();
  await home?.close();
});

function clientOf(mode: Mode, person?: Person): Client {
  const client = newClient(mode, person);
  open.push(client);
  return client;
}

const inProcess = async (mode: Mode, person?: Person): Promise<Client> => await connect(home, clientOf(mode, person));

interface Answer {
  isError: boolean;
  text: string;
  body: {
    outcome: string;
    post: { id: string; status: string; approved: boolean; contentVersion: number };
    posts: unknown[];
    wouldSucceed?: boolean;
    error: { code: string; message: string; hint: string };
  };
}
async function call(client: Client, name: string, args: Record<string, unknown> = {}): Promise<Answer> {
  const { content, structuredContent, isError = false } = await client.callTool({ name, arguments: args });
  const [first] = content as { text: string }[];
  return { isError: isError === true, text: first?.text ?? "", body: structuredContent as Answer["body"] };
}

test("the tools are the commands: schemas, annotations, and nothing that ends a sign-in or moves the hub", async () => {
  const client = await inProcess("auto");
  const { tools } = await client.listTools();
  expect(tools.map(({ name }) => name)).toEqual(TOOLS.map(toolName));
  const now = tools.find(({ name }) => name === "post_now");
  expect(now?.annotations).toMatchObject({ readOnlyHint: false, destructiveHint: true, idempotentHint: true });
  expect(now?.inputSchema).toMatchObject({ required: ["id"], properties: { dryRun: { type: "boolean" } } });
  expect(tools.find(({ name }) => name === "post_show")?.annotations).toMatchObject({ readOnlyHint: true });
  for (const { inputSchema, outputSchema } of tools) {
    expect(inputSchema).toMatchObject({ additionalProperties: false });
    expect(outputSchema).toMatchObject({ required: ["outcome"] });
  }
});

test("an argument that a tool does not have is refused as --input refuses it, and nothing goes out", async () => {
  const client = await inProcess("auto");
  const { length } = home.onX();
  const slips: [Record<string, unknown>, RegExp][] = [
    [{ acount: "@x" }, /Did you mean account\?/],
    [{ dryRunn: true }, /Did you mean dryRun\?/],
    [{ scheduleAt: "tomorrow 9am" }, /It has text, .*\bat\b/],
  ];
  for (const [slip, hint] of slips) {
    const given = { text: "It must not go out.", now: true, ...slip };
    const { isError, body } = await call(client, "post_create", given);
    expect([isError, body.error.code]).toEqual([true, "USAGE"]);
    expect(body.error.hint).toMatch(hint);
    if ("dryRunn" in slip) continue;
    const typed = await home.psn(["post", "create", "--input", "-"], { stdin: JSON.stringify(given) });
    const { error } = typed.json as Answer["body"];
    expect(body.error.message).toBe(error.message);
  }
  const wrong = await call(client, "post_create", { text: "Nor this.", now: true, dryRun: "true" });
  expect(wrong.body.error.message).toContain("takes true or false");
  expect((await call(client, "post_now", {})).body.error.message).toStartWith("id is missing");
  expect((await call(client, "post_list", { dryRun: true })).body.error.code).toBe("USAGE");
  expect(home.onX()).toHaveLength(length);
});

test("what runs until Ctrl-C, or writes a file beside a read, is no field of a tool", async () => {
  const client = await inProcess("auto");
  const { tools } = await client.listTools();
  for (const name of ["preview", "post_show"]) {
    const { inputSchema } = tools.find((one) => one.name === name) ?? {};
    for (const field of ["open", "png", "theme"]) expect(inputSchema?.properties).not.toHaveProperty(field);
  }
  expect((await call(client, "preview", { text: "Look.", open: true })).body.error.code).toBe("USAGE");
});

for (const mode of ["legacy", "auto"] as const) {
  test(`scenario 30 (${mode}): create, show, edit, approve, publish, retry by id, with progress; a repeat converges`, async () => {
    const client = await inProcess(mode);
    const text = `Written by an agent, ${mode}.\n---\nIts second tweet.`;
    const key = { text, idempotencyKey: `mcp-${mode}` };
    const made = await call(client, "post_create", key);
    expect(made.body.outcome).toBe("ok");
    expect(made.text).toContain("Its second tweet.");
    const { id } = made.body.post;
    expect((await call(client, "post_create", key)).body.post.id).toBe(id);
    expect((await call(client, "post_now", { id })).body.error.code).toBe("POST_NOT_APPROVED");
    const edited = await call(client, "post_text", {
      id,
      version: 1,
      tweet: 2,
      text: `Its better second tweet, for ${mode}.`,
    });
    const { contentVersion: version } = edited.body.post;
    expect((await call(client, "post_approve", { id, version: 1 })).body.error.code).toBe("POST_CHANGED");
    expect((await call(client, "post_approve", { id, version })).body.post.approved).toBe(true);
    expect((await call(client, "post_now", { id, dryRun: true })).body).toMatchObject({
      outcome: "dry_run",
      wouldSucceed: true,
    });
    const told: string[] = [];
    const published = await client.callTool(
      { name: "post_now", arguments: { id } },
      { onprogress: ({ message }) => void told.push(message ?? "") },
    );
    expect(published.structuredContent).toMatchObject({ outcome: "ok", post: { status: "published" } });
    expect(told.join("\n")).toContain("2/2 on X");
    // The answer was lost, and the client says it again: nothing goes out twice.
    expect((await call(client, "post_now", { id })).body).toMatchObject({
      outcome: "ok",
      post: { status: "published" },
      repeated: { carriedOut: true },
    });
    expect(home.onX().filter((one) => one.startsWith(`Written by an agent, ${mode}`))).toHaveLength(1);
    expect((await call(client, "post_retry", { id })).body).toMatchObject({ outcome: "ok", repeated: { next: [] } });
    expect(home.onX().filter((one) => one.startsWith(`Written by an agent, ${mode}`))).toHaveLength(1);
    const { contents } = await client.readResource({ uri: `psn://post/${id}` });
    expect(JSON.parse((contents[0] as { text: string }).text).post.status).toBe("published");
  });

  test(`a person's approval by elicitation (${mode}): their yes, their no, and a client that cannot ask`, async () => {
    await setApprovalMode(home.hub, "person");
    const questions: string[] = [];
    let says: "yes" | "no" = "no";
    const client = await inProcess(mode, (question) => {
      questions.push(question);
      return says;
    });
    const { id } = (await call(client, "post_create", { text: `For the person to see, ${mode}.` })).body.post;
    expect((await call(client, "post_now", { id, approve: true })).body.error.code).toBe("CANCELLED");
    says = "yes";
    expect((await call(client, "post_now", { id, approve: true })).body.post.status).toBe("published");
    expect(questions).toHaveLength(2);
    expect(questions[1]).toContain(`For the person to see, ${mode}.`);
    expect(questions[1]).toContain("Publish this now, as @sandbox_author");
    const { rows } = await home.hub.pool.query(
      "select note from psn.post_events where post_id = $1 and kind = 'approved'",
      [id],
    );
    expect(JSON.stringify(rows)).toContain("approved by the person at a-client in the client's own question");

    const mute = await inProcess(mode);
    const { id: other } = (await call(mute, "post_create", { text: `Nobody can ask, ${mode}.` })).body.post;
    expect((await call(mute, "post_now", { id: other, approve: true })).body.error.code).toBe("APPROVAL_NEEDED");
    await setApprovalMode(home.hub, "agent");
  });
}

test("over stdio: tools, prompts, resources; stdout is the protocol's alone, and the process ends with its client", async () => {
  const client = clientOf("auto");
  const env = Object.fromEntries(Object.entries(home.env).map(([name, value]) => [name, value ?? ""]));
  const transport = new StdioClientTransport({ command: psn, args: ["mcp"], env, cwd: home.folder, stderr: "ignore" });
  await client.connect(transport);
  expect((await client.listTools()).tools).toHaveLength(TOOLS.length);
  expect((await client.listPrompts()).prompts.map(({ name }) => name)).toEqual(["post", "setup"]);
  const { messages } = await client.getPrompt({ name: "post", arguments: { wants: "a haiku" } });
  expect(JSON.stringify(messages)).toContain("plain yes to the exact preview");
  expect((await client.listResources()).resources.map(({ uri }) => uri)).toContain("psn://timeline");
  expect((await call(client, "status")).body.outcome).toBe("ok");
  await client.close();
});

test("requests that are piped in are answered before it ends, and what is no request is told so", async () => {
  const initialize = { protocolVersion: "2025-06-18", capabilities: {}, clientInfo: { name: "a-pipe", version: "1" } };
  const lines = [
    JSON.stringify({ jsonrpc: "2.0", id: 1, method: "initialize", params: initialize }),
    JSON.stringify({ jsonrpc: "2.0", method: "notifications/initialized" }),
    "{ this is no JSON",
    JSON.stringify({ id: 7, method: "without its version" }),
    JSON.stringify({
      jsonrpc: "2.0",
      id: 2,
      method: "tools/call",
      params: { name: "post_create", arguments: { text: "Through a pipe.", now: true } },
    }),
  ];
  // The last line has no line break.
  const { code, stdout } = await home.psnProcess(["mcp"], { stdin: lines.join("\n") });
  const answers = stdout
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const of = (id: number | null) => answers.find((one) => one.id === id);
  expect(of(1).result.serverInfo.name).toBe("psn");
  expect(of(null).error.code).toBe(-32700);
  expect(of(7).error.code).toBe(-32600);
  expect(of(2).result.structuredContent.post.status).toBe("published");
  expect(code).toBe(0);
});
