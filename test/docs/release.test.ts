/** What a release does, read from its workflow: it says how it was made, and its formula names what was published. */
import { expect, test } from "bun:test";
import { execFileSync } from "node:child_process";
import { mkdir, mkdtemp, readFile, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parse } from "yaml";
import { z } from "zod";
import { version } from "../../package.json";
import { TARGETS } from "../../scripts/package/binary.ts";
import { PROJECT_DIR } from "../../src/core/config/folders.ts";

const WorkflowSchema = z.object({
  jobs: z.record(
    z.string(),
    z.object({
      permissions: z.record(z.string(), z.string()).optional(),
      steps: z.array(
        z.object({
          run: z.string().optional(),
          uses: z.string().optional(),
          with: z.record(z.string(), z.unknown()).optional(),
        }),
      ),
    }),
  ),
});
const workflow = WorkflowSchema.parse(
  parse(await readFile(join(PROJECT_DIR, ".github/workflows/release.yml"), "utf8")),
);
const runsOf = (job: string) => workflow.jobs[job]?.steps.map(({ run = "" }) => run) ?? [];

test("the dependencies' signatures are checked, the package has provenance and an SBOM, and its repository is named for it", () => {
  expect(runsOf("test")).toContain("npm audit signatures");
  const publish = runsOf("publish").join("\n");
  expect(publish).toContain("npm sbom --sbom-format cyclonedx");
  expect(publish).toContain("npm publish --provenance");
  expect(publish).toContain("npm pkg set repository.type=git repository.url=");
  expect(publish.indexOf("npm pkg set")).toBeLessThan(publish.indexOf("npm pack"));
  expect(workflow.jobs.publish?.permissions).toMatchObject({ "id-token": "write", attestations: "write" });
  expect(workflow.jobs.publish?.steps.map(({ uses = "" }) => uses.split("@")[0])).toContain(
    "actions/attest-build-provenance",
  );
});

test("the formula of a release names its owner, version and checksum, and nothing that stood for them", () => {
  const line = runsOf("publish")
    .flatMap((run) => run.split("\n"))
    .find((one) => one.includes("packaging/psn.rb"));
  expect(line).toBeDefined();
  const script = `GITHUB_REPOSITORY=ann/psn version=1.2.3 sum=${"ab".repeat(32)}\n${line?.replace("> psn.rb", "")}`;
  const formula = execFileSync("sh", ["-c", script], { cwd: PROJECT_DIR, encoding: "utf8" });
  expect(formula).toContain('homepage "https://github.com/ann/psn"');
  expect(formula).toContain('url "https://github.com/ann/psn/releases/download/v1.2.3/psn-1.2.3.tgz"');
  expect(formula).toContain(`sha256 "${"ab".repeat(32)}"`);
  expect(formula).not.toMatch(/OWNER|0{64}/);
  expect(formula).not.toContain(version);
});

test("the single program of each system is tried where it runs, and has its checksum and its provenance", async () => {
  expect(runsOf("package")).toEqual(expect.arrayContaining(["npm run check:package", "npm run build:binary"]));
  const lines = runsOf("publish").flatMap((run) => run.split("\n"));
  const folder = await mkdtemp(join(tmpdir(), "psn-release-"));
  try {
    const names = TARGETS.map((target) => `psn-1.2.3-${target}`);
    await mkdir(join(folder, "programs"));
    for (const name of names) await writeFile(join(folder, "programs", name), name);
    for (const name of ["psn-1.2.3.tgz", "psn-1.2.3.cdx.json"]) await writeFile(join(folder, name), name);
    const script = lines.filter((line) => /programs|sha256sum/.test(line)).join("\n");
    execFileSync("sh", ["-ec", `version=1.2.3\n${script}`], { cwd: folder });
    const sums = (await readFile(join(folder, "SHA256SUMS"), "utf8")).trim().split("\n");
    const listed = sums.map((line) => line.split("  ")[1]);
    expect(listed.toSorted()).toEqual(["psn-1.2.3.cdx.json", "psn-1.2.3.tgz", ...names].toSorted());
    // The formula takes the first one.
    expect(listed[0]).toBe("psn-1.2.3.tgz");
    const release = lines.find((line) => line.startsWith("gh release create")) ?? "";
    expect(release).toContain("psn-*-linux-* psn-*-darwin-*");
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const attested = JSON.stringify(workflow.jobs.publish);
  for (const pattern of ["psn-*.tgz", "psn-*-linux-*", "psn-*-darwin-*"]) expect(attested).toContain(pattern);
});

test("every version of the changelog but the next one is a released one, and this package's has its section", async () => {
  const changelog = await readFile(join(PROJECT_DIR, "CHANGELOG.md"), "utf8");
  const headings = [...changelog.matchAll(/^## (.*)$/gm)].map(([, heading = ""]) => heading);
  const [first, ...others] = headings;
  expect(first).toMatch(/^(Unreleased|\d+\.\d+\.\d+, \d{4}-\d\d-\d\d)$/);
  for (const heading of others) expect(heading).toMatch(/^\d+\.\d+\.\d+, \d{4}-\d\d-\d\d$/);
  expect(headings.some((heading) => heading.startsWith(`${version},`))).toBe(true);
});

test("README, the formula and the lockfile name this version and no other", async () => {
  for (const path of ["README.md", "packaging/psn.rb"]) {
    const named = [...(await readFile(join(PROJECT_DIR, path), "utf8")).matchAll(/psn-(\d+\.\d+\.\d+)/g)];
    expect([path, ...new Set(named.map(([, one]) => one))]).toEqual([path, version]);
  }
  const lock = JSON.parse(await readFile(join(PROJECT_DIR, "package-lock.json"), "utf8"));
  expect([lock.version, lock.packages[""].version]).toEqual([version, version]);
});
