/** PSN's own files, given as an author's, are refused however they are named; their keys stand in no answer. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { constants } from "node:fs";
import { link, mkdir, open, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { chunksOfFile } from "../../src/cli/_stdin.ts";
import { readCaption } from "../../src/core/media/captions.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";

const SECRET = "5ec4e7".repeat(8);
let home: TestHome;
beforeAll(async () => {
  home = await testHome();
  await mkdir(join(home.folder, "config"), { recursive: true, mode: 0o700 });
  await mkdir(join(home.folder, "data"), { recursive: true, mode: 0o700 });
  const hub = join(home.folder, "config", "hub.env");
  await writeFile(hub, `# ${SECRET}\n`, { mode: 0o600 });
  await writeFile(join(home.folder, "data", "kept.md"), SECRET);
  await symlink(hub, join(home.folder, "linked.md"));
  await link(hub, join(home.folder, "hard.md"));
  await symlink(join(home.folder, "config"), join(home.folder, "folder"));
  await writeFile(join(home.folder, "post.md"), "A text of its author's.");
});
afterAll(() => home.close());

const WAYS: readonly string[][] = [
  ["preview", "--file", "config/hub.env"],
  ["preview", "--file", "linked.md"],
  ["preview", "--file", "hard.md"],
  ["preview", "--file", "folder/hub.env"],
  ["preview", "--file", "data/kept.md"],
  ["preview", "A text", "--media", "config/hub.env"],
  ["post", "create", "A text", "--poll-file", "config/hub.env"],
  ["post", "create", "--file", "config/hub.env"],
  ["post", "create", "A text", "--media", "post.md", "--alt-file", "config/hub.env"],
  ["post", "create", "--input", "config/hub.env"],
  ["post", "sync", "folder"],
  ["post", "sync", "data"],
];

for (const way of WAYS) {
  test(`psn ${way.join(" ")} is refused`, async () => {
    const { code, stdout, stderr } = await home.psnProcess([...way, "--json"]);
    expect(code).not.toBe(0);
    expect(stdout).toContain("FILE_UNREADABLE");
    expect(stdout + stderr).not.toContain(SECRET);
  });
}

test("a file of the data folder that hub.env alone names is refused", async () => {
  const moved = join(home.folder, "moved-data");
  await mkdir(moved, { mode: 0o700 });
  await writeFile(join(moved, "kept.md"), SECRET);
  const config = join(home.folder, "named");
  await mkdir(config, { mode: 0o700 });
  await writeFile(join(config, "hub.env"), `PSN_DATA_DIR=${moved}\n`, { mode: 0o600 });
  const ways = [
    ["preview", "--file", "moved-data/kept.md"],
    ["preview", "A text", "--media", "moved-data/kept.md"],
  ];
  const { PSN_DATA_DIR: _, ...env } = home.env;
  for (const way of ways) {
    const { stdout, stderr } = await home.psnProcess([...way, "--json"], { env: { ...env, PSN_CONFIG_DIR: config } });
    expect(stdout).toContain("FILE_UNREADABLE");
    expect(stdout + stderr).not.toContain(SECRET);
  }
});

test("a file of the author's beside them is read", async () => {
  const { code, stdout } = await home.psnProcess(["preview", "--file", "post.md", "--json"]);
  expect(code).toBe(0);
  expect(stdout).toContain("A text of its author's.");
});

test("captions of PSN's own files are refused", async () => {
  const before = process.env.PSN_CONFIG_DIR;
  process.env.PSN_CONFIG_DIR = join(home.folder, "config");
  try {
    const reading = readCaption(join(home.folder, "linked.md"), "en", null);
    await expect(reading).rejects.toMatchObject({ code: "FILE_UNREADABLE", hint: expect.stringContaining("folder") });
  } finally {
    if (before === undefined) delete process.env.PSN_CONFIG_DIR;
    else process.env.PSN_CONFIG_DIR = before;
  }
});

const KERNEL_LOG = "/proc/kmsg";
const mayReadLog = await open(KERNEL_LOG, constants.O_RDONLY | constants.O_NONBLOCK).then(
  (handle) => handle.close().then(() => true),
  () => false,
);
test.skipIf(!mayReadLog)("the kernel's log, which never ends, is not waited for", async () => {
  const signal = AbortSignal.timeout(20_000);
  const reading = async () => {
    for await (const _ of chunksOfFile(KERNEL_LOG, signal));
  };
  await reading().catch(() => {});
  expect(signal.aborted).toBe(false);
});
