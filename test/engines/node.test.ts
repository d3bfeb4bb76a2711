/** Trigger.dev runs the tasks on Node, from a bundle: both must work. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtemp, rm, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PROJECT_DIR } from "../../src/core/utils/env.ts";
import { type EngineStage, openEngineStage } from "./stage.ts";

let stage: EngineStage;
let folder: string;
beforeAll(async () => {
  stage = await openEngineStage("trigger", { isWorking: false });
  folder = await mkdtemp(join(stage.home.folder, "bundle-"));
});
afterAll(async () => {
  await rm(folder, { recursive: true, force: true });
  await stage.close();
});

test("the bundled publish-post task publishes a due post on Node", async () => {
  await writeFile(
    join(folder, "entry.ts"),
    `import { resourceCatalog } from "@trigger.dev/core/v3";
     import { runInMockTaskContext } from "@trigger.dev/core/v3/test";
     import { StandardResourceCatalog } from "@trigger.dev/core/v3/workers";
     resourceCatalog.setGlobalResourceCatalog(new StandardResourceCatalog());
     resourceCatalog.setCurrentFileContext("publish-post.ts", "publish-post");
     await import(${JSON.stringify(join(PROJECT_DIR, "src/trigger/publish-post.ts"))});
     const { run } = resourceCatalog.getTask("publish-post").fns;
     const payload = JSON.parse(process.argv[2]);
     const result = await runInMockTaskContext(({ ctx }) => run(payload, { ctx, signal: new AbortController().signal }));
     console.log(JSON.stringify({ node: process.versions.node, bun: typeof Bun, result }));
     process.exit(0);`,
  );
  await symlink(join(PROJECT_DIR, "node_modules"), join(folder, "node_modules"));
  const built = await Bun.build({
    entrypoints: [join(folder, "entry.ts")],
    outdir: join(folder, "out"),
    target: "node",
    format: "esm",
    // The SDK is not bundled by Trigger.dev either; pg asks for pg-native only when told to.
    external: ["pg-native", "@trigger.dev/*"],
  });
  expect(built.success).toBe(true);
  const { id, scheduleVersion } = await stage.scheduled(3_600_000, "from Node");
  await stage.timeComes(id);
  const child = Bun.spawn(["node", join(folder, "out/entry.js"), JSON.stringify({ postId: id, scheduleVersion })], {
    env: stage.env as Record<string, string>,
    stdout: "pipe",
    stderr: "pipe",
  });
  const [stdout, stderr] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  expect(stdout, stderr).toContain('"kind":"published"');
  expect(JSON.parse(stdout).bun).toBe("undefined");
  expect(stage.onX()).toEqual(["from Node"]);
});
