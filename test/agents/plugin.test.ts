/** What agents read in files: one text for all, and manifests that the clients take. */
import { expect, test } from "bun:test";
import { readdir, readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { z } from "zod";
import { version } from "../../package.json";
import { PROJECT_DIR } from "../../src/core/utils/env.ts";
import { testHome } from "../../src/testing/cli.ts";

const read = (path: string) => readFile(join(PROJECT_DIR, path), "utf8");
const json = async (path: string) => JSON.parse(await read(path));

/** The shapes of SchemaStore's claude-code-plugin-manifest and claude-code-marketplace, as far as PSN uses them; nothing else is let through. */
const NAME = z.string().regex(/^[a-z0-9]+(-[a-z0-9]+)*$/);
const PersonSchema = z.strictObject({ name: z.string().min(1), email: z.email().optional(), url: z.url().optional() });
const PluginSchema = z.strictObject({
  name: NAME,
  description: z.string().min(1).optional(),
  version: z
    .string()
    .regex(/^\d+\.\d+\.\d+$/)
    .optional(),
  author: PersonSchema.optional(),
  homepage: z.url().optional(),
  license: z.string().optional(),
  keywords: z.array(z.string()).optional(),
});
const MarketplaceSchema = z.strictObject({
  name: NAME,
  owner: PersonSchema,
  metadata: z.strictObject({ description: z.string() }).optional(),
  plugins: z
    .array(
      z.strictObject({
        name: NAME,
        source: z.string().startsWith("./"),
        description: z.string().optional(),
        category: z.string().optional(),
      }),
    )
    .min(1),
});
const McpConfigSchema = z.strictObject({
  mcpServers: z.record(NAME, z.strictObject({ command: z.string(), args: z.array(z.string()) })),
});
/** The registry's server.json, of 2025-12-11. */
const ServerSchema = z.strictObject({
  $schema: z.literal("https://static.modelcontextprotocol.io/schemas/2025-12-11/server.schema.json"),
  name: z.string().regex(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/),
  title: z.string().max(100),
  description: z.string().max(100),
  version: z.string(),
  packages: z.array(
    z.strictObject({
      registryType: z.literal("npm"),
      identifier: z.string(),
      version: z.string(),
      packageArguments: z.array(z.strictObject({ type: z.literal("positional"), value: z.string() })),
      transport: z.strictObject({ type: z.literal("stdio") }),
    }),
  ),
});

test("the skills say what an agent must know, and are live", async () => {
  const skill = (await read("plugin/skills/post/SKILL.md")).replace(/\s+/g, " ");
  expect(skill).toContain("!`psn context post`");
  for (const said of [
    "cannot be undone",
    "an auth failure ends the try",
    "never fall back to a browser",
    "Secrets",
    "APPROVAL_STALE",
  ]) {
    expect(skill, said).toContain(said);
  }
  for (const code of [2, 3, 4, 5, 6, 7, 8]) expect(skill).toMatch(new RegExp(`[:.] ${code} `));
});

test("the manifests have the shapes that their clients read, and the versions agree", async () => {
  const plugin = PluginSchema.parse(await json("plugin/.claude-plugin/plugin.json"));
  const marketplace = MarketplaceSchema.parse(await json(".claude-plugin/marketplace.json"));
  const server = ServerSchema.parse(await json("server.json"));
  expect(marketplace.plugins).toMatchObject([{ name: plugin.name, source: "./plugin" }]);
  expect([plugin.version, server.version, server.packages[0]?.version]).toEqual([version, version, version]);
  expect(McpConfigSchema.parse(await json("plugin/.mcp.json")).mcpServers.psn).toEqual({
    command: "psn",
    args: ["mcp"],
  });
});

test("the plugin brings no program and no dependency", async () => {
  const files = (await readdir(join(PROJECT_DIR, "plugin"), { recursive: true })).toSorted();
  expect(files.filter((name) => !/(\.md|\.json)$/.test(name))).toEqual([
    ".claude-plugin",
    "skills",
    "skills/post",
    "skills/setup",
  ]);
  expect(files).not.toContain("package.json");
});

test("psn context is short, whatever the hub holds, and answers where nothing is set up; the skill is written once", async () => {
  const home = await testHome();
  try {
    const bare = await home.psn(["context"], { env: { ...home.env, ENCRYPTION_KEY: undefined } });
    expect([bare.code, bare.stdout]).toEqual([0, expect.stringContaining("NOT_SET_UP")]);
    await home.signIn();
    const words = "Many words of an author fill no page. ".repeat(7).trim();
    for (let n = 1; n <= 8; n++) await home.psn(["post", "create", `${n} ${words}`, "--at", `in ${n} hours`]);
    await home.hub.pool.query(
      `insert into psn.accounts (id, platform_user_id, handle, name, created_at, updated_at)
       select 'many' || n, n, 'another_account_' || n, 'Another', psn.now(), psn.now() from generate_series(1, 60) as n`,
    );
    await home.hub.pool.query(
      `insert into psn.spend_limits (account_id, period, unit, amount, zone, updated_at)
       select 'many' || n, period, unit, 1, 'UTC', psn.now()
       from generate_series(1, 60) as n, unnest('{day,month}'::text[]) as period, unnest('{micros,posts}'::text[]) as unit`,
    );
    const { stdout } = await home.psn(["context", "post"]);
    expect(stdout).toContain("And 235 more limits: psn limits show");
    for (const said of ["@sandbox_author", "Worker: none", "8 posts wait", "plain yes"]) expect(stdout).toContain(said);
    // About four characters a token; 2,000 tokens at most.
    expect(stdout.length).toBeLessThan(6_000);
    expect((await home.psn(["agent", "install", "codex"])).json).toMatchObject({ changed: true });
    const again = await home.psn(["agent", "install", "codex"]);
    expect(again.json).toMatchObject({ changed: false });
    const { file } = again.json as { file: string };
    const skill = await readFile(file, "utf8");
    expect(skill).toContain("psn context post");
    // What somebody has written into it is kept, and another agent's own folder is found.
    await writeFile(file, `${skill}\nOur house style: no hashtags.\n`);
    const { changed, kept } = (await home.psn(["agent", "install", "codex"])).json as {
      changed: boolean;
      kept: string;
    };
    expect([changed, await readFile(file, "utf8")]).toEqual([true, skill]);
    expect(await readFile(kept, "utf8")).toContain("no hashtags");
    const elsewhere = join(home.folder, "claude of mine");
    const env = { ...home.env, HOME: "", CLAUDE_CONFIG_DIR: elsewhere };
    expect((await home.psn(["agent", "install", "claude"], { env })).json).toMatchObject({
      file: join(elsewhere, "skills", "psn", "SKILL.md"),
    });
  } finally {
    await home.close();
  }
});
