/** The worker as a service: what is written, and that writing it twice is writing it once. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { planService } from "../../src/cli/worker-service.ts";
import type { Env } from "../../src/core/utils/env.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";

let home: TestHome;
beforeAll(async () => {
  home = await testHome();
});
afterAll(() => home.close());

const input = (platform: NodeJS.Platform) => ({
  platform,
  env: { HOME: "/home/ann", PATH: "/usr/bin:/bin" },
  uid: 501,
  psn: `/opt/my tools/100% "psn"/bin/psn`,
  configDir: "/home/ann/$psn & co/config",
  dataDir: "/home/ann/.local/share/psn",
});

test("the systemd unit: paths with blanks, quotes, % and $ are taken literally, it restarts, it waits for a safe end", () => {
  const plan = planService(input("linux"));
  expect(plan.file).toBe("/home/ann/.config/systemd/user/psn-worker.service");
  expect(plan.text).toBe(`[Unit]
Description=PSN worker: publishes scheduled posts

[Service]
ExecStart=/bin/sh "/opt/my tools/100%% \\"psn\\"/bin/psn" worker --also
Environment="PATH=/usr/bin:/bin"
Environment="PSN_CONFIG_DIR=/home/ann/$psn & co/config"
Environment="PSN_DATA_DIR=/home/ann/.local/share/psn"
Restart=always
RestartSec=5
TimeoutStopSec=60

[Install]
WantedBy=default.target
`);
});

test("the launchd agent: well-formed XML, kept alive, with a log", () => {
  const plan = planService(input("darwin"));
  expect(plan.file).toBe("/home/ann/Library/LaunchAgents/dev.psn.worker.plist");
  expect(plan.text).toContain(`<string>/opt/my tools/100% "psn"/bin/psn</string><string>worker</string>`);
  expect(plan.text).toContain("<string>/home/ann/$psn &amp; co/config</string>");
  expect(plan.text).toContain("<key>KeepAlive</key><true/>");
  expect(plan.start.at(-1)).toEqual(["launchctl", "bootstrap", "gui/501", plan.file]);
});

const analyze = Bun.which("systemd-analyze");
test.skipIf(analyze === null)(
  `systemd itself finds nothing wrong with the unit${analyze === null ? " (skipped: systemd-analyze is not installed)" : ""}`,
  async () => {
    // systemd looks whether the program is there, so this one is, under a name with everything that needs quoting.
    const folder = join(home.folder, '100% "psn" $x');
    const psn = join(folder, "psn");
    await mkdir(folder, { recursive: true });
    await writeFile(psn, "#!/bin/sh\n");
    await chmod(psn, 0o755);
    const file = join(home.folder, "psn-worker.service");
    await writeFile(file, planService({ ...input("linux"), psn }).text);
    const env = { PATH: String(process.env.PATH), HOME: home.folder, XDG_RUNTIME_DIR: home.folder };
    const verified = Bun.spawnSync([String(analyze), "--user", "verify", file], { env });
    // It also tells of the machine's other units; what it says of ours names it.
    const said = verified.stderr.toString().split("\n");
    expect(said.filter((line) => line.includes("psn-worker"))).toEqual([]);
    expect(verified.exitCode).toBe(0);

    await writeFile(file, "[Service]\nExecStart=nowhere\nRestartSec=soon\n");
    const refused = Bun.spawnSync([String(analyze), "--user", "verify", file], { env });
    expect(refused.stderr.toString()).toContain("psn-worker");
  },
);

const python = Bun.which("python3");
test.skipIf(python === null)(
  `the launchd agent is a property list that says what it should${python === null ? " (skipped: python3 is not installed)" : ""}`,
  async () => {
    const file = join(home.folder, "agent.plist");
    await writeFile(file, planService(input("darwin")).text);
    const read = "import json, plistlib, sys; print(json.dumps(plistlib.load(open(sys.argv[1], 'rb'))))";
    const { stdout, stderr } = Bun.spawnSync([String(python), "-c", read, file]);
    expect(stderr.toString()).toBe("");
    expect(JSON.parse(stdout.toString())).toEqual({
      Label: "dev.psn.worker",
      ProgramArguments: ['/opt/my tools/100% "psn"/bin/psn', "worker", "--also"],
      EnvironmentVariables: {
        PATH: "/usr/bin:/bin",
        PSN_CONFIG_DIR: "/home/ann/$psn & co/config",
        PSN_DATA_DIR: "/home/ann/.local/share/psn",
      },
      RunAtLoad: true,
      KeepAlive: true,
      ThrottleInterval: 5,
      ExitTimeOut: 60,
      StandardErrorPath: "/home/ann/.local/share/psn/worker.log",
    });
  },
);

test("another system is told that there is no service manager", () => {
  expect(() => planService(input("win32"))).toThrow("knows no service manager");
});

test("install, install again, status, uninstall", async () => {
  // A stand-in for systemctl that notes its calls, since a test must not change the real session.
  const bin = join(home.folder, "bin");
  const calls = join(home.folder, "calls");
  await mkdir(bin, { recursive: true });
  const script = `#!/bin/sh\necho "$*" >> '${calls}'\n[ "$2" = is-active ] && echo active\nexit 0\n`;
  for (const name of ["systemctl", "launchctl"]) {
    await writeFile(join(bin, name), script);
    await chmod(join(bin, name), 0o755);
  }
  const env: Env = { ...home.env, PATH: `${bin}:${home.env.PATH}`, XDG_CONFIG_HOME: join(home.folder, "xdg") };

  const early = await home.psn(["worker", "install"], { env });
  expect(early.stdout).toContain("SERVICE_CONFIG");

  const config = join(String(env.PSN_CONFIG_DIR), "hub.env");
  await mkdir(String(env.PSN_CONFIG_DIR), { recursive: true, mode: 0o700 });
  const stored = `DATABASE_URL='${env.DATABASE_URL}'\nENCRYPTION_KEY=${env.ENCRYPTION_KEY}\n`;
  await writeFile(config, stored, { mode: 0o600 });
  const first = (await home.psn(["worker", "install"], { env })).json as {
    file: string;
    changed: boolean;
    active: boolean;
  };
  expect(first).toMatchObject({ changed: true, active: true });
  const text = await readFile(first.file, "utf8");
  expect(text).not.toContain(String(env.ENCRYPTION_KEY));
  expect((await stat(first.file)).mode & 0o777).toBe(0o600);
  expect((await home.psn(["worker", "install"], { env })).json).toMatchObject({ changed: false, active: true });
  expect(await readFile(first.file, "utf8")).toBe(text);

  expect((await home.psn(["worker", "status"], { env })).json).toMatchObject({
    workers: 0,
    service: { installed: true, active: true, says: "active" },
  });
  expect((await home.psn(["worker", "uninstall"], { env })).json).toMatchObject({ removed: true });
  expect((await home.psn(["worker", "uninstall"], { env })).json).toMatchObject({ removed: false });
  expect(await readFile(calls, "utf8")).toContain("--user restart psn-worker.service");
});
