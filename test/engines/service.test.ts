/** The worker as a service: what is written, and that writing it twice is writing it once. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { existsSync } from "node:fs";
import { chmod, mkdir, readFile, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { placeHints } from "../../src/cli/_worker-life.ts";
import { planService } from "../../src/cli/worker-service.ts";
import type { Env } from "../../src/core/utils/env.ts";
import { runProgram, type TestHome, testHome } from "../../src/testing/cli.ts";

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
      // The log is its user's alone.
      Umask: 0o077,
    });
  },
);

test("another system is told that there is no service manager", () => {
  expect(() => planService(input("win32"))).toThrow("knows no service manager");
});

/**
 * A small systemctl for a test, which must not change the real session: it runs what the unit says, with the variables that the unit gives
 * and no others. Beside it what the log and the linger state are asked by.
 */
async function standIns(): Promise<{ env: Env; calls: string; isRunning(): Promise<boolean> }> {
  const bin = join(home.folder, "bin");
  const [calls, pid] = [join(home.folder, "calls"), join(home.folder, "pid")];
  const env: Env = {
    PATH: `${bin}:${home.env.PATH}`,
    HOME: home.folder,
    XDG_CONFIG_HOME: join(home.folder, "xdg"),
    PSN_CONFIG_DIR: home.env.PSN_CONFIG_DIR,
    PSN_DATA_DIR: home.env.PSN_DATA_DIR,
  };
  const unit = join(home.folder, "xdg/systemd/user/psn-worker.service");
  const end = `[ -f '${pid}' ] && kill $(cat '${pid}') 2>/dev/null; rm -f '${pid}'`;
  const scripts = {
    systemctl: `echo "$*" >> '${calls}'
case $2 in
  restart)
    ${end}
    sed -n 's/^Environment="\\(.*\\)"$/\\1/p' '${unit}' > '${pid}.env'
    set --
    while read -r line; do set -- "$@" "$line"; done < '${pid}.env'
    env -i "$@" sh -c "$(sed -n 's/^ExecStart=/exec /p' '${unit}')" </dev/null >/dev/null 2>'${pid}.log' &
    echo $! > '${pid}' ;;
  disable) ${end} ;;
  is-active) if kill -0 $(cat '${pid}' 2>/dev/null) 2>/dev/null; then echo active; else echo failed; exit 3; fi ;;
esac`,
    journalctl: `cat '${pid}.log'`,
    loginctl: "echo no",
  };
  await mkdir(bin, { recursive: true });
  for (const [name, script] of Object.entries(scripts)) {
    await writeFile(join(bin, name), `#!/bin/sh\n${script}\n`);
    await chmod(join(bin, name), 0o755);
  }
  const isRunning = async () => {
    const { code } = await runProgram([join(bin, "systemctl"), "--user", "is-active", "psn-worker.service"], { env });
    return code === 0;
  };
  return { env, calls, isRunning };
}

const onLinux = process.platform === "linux";

test.skipIf(!onLinux)(
  "install proves that a worker of the service lives; install again, status, uninstall",
  async () => {
    const { env, calls, isRunning } = await standIns();
    const early = await home.psnProcess(["worker", "install"], {
      env: { ...env, ENCRYPTION_KEY: home.env.ENCRYPTION_KEY },
    });
    expect(early.stdout).toContain("SERVICE_CONFIG");
    await store(["DATABASE_URL", "ENCRYPTION_KEY", "X_API_BASE_URL"]);

    // What only this terminal has is named, and nothing is written.
    const terminal = {
      ...env,
      PSN_MEDIA_STORE: "hub",
      DATABASE_URL: "postgres://elsewhere/psn",
      PSN_TIMEZONE: "Asia/Tokyo",
    };
    const differs = await home.psnProcess(["worker", "install"], { env: terminal });
    expect(differs.stdout).toContain("DATABASE_URL, PSN_MEDIA_STORE: this terminal has another value");
    expect(differs.stdout).not.toContain("elsewhere");
    const proxied = { ...env, HTTPS_PROXY: "http://ann:secret@proxy:8080" };
    const secret = await home.psnProcess(["worker", "install"], { env: proxied });
    expect(secret.stdout).toContain("HTTPS_PROXY holds a password");
    expect(secret.stdout).not.toContain("secret@");
    expect((await home.psnProcess(["worker", "install"], { env })).stdout).toContain("X_KEYS_MISSING");
    expect(existsSync(join(home.folder, "xdg"))).toBe(false);

    await store(["DATABASE_URL", "ENCRYPTION_KEY", ...Object.keys(home.env).filter((name) => name.startsWith("X_"))]);
    try {
      const first = (await home.psnProcess(["worker", "install"], { env })).json as { file: string; hints: string[] };
      expect(first).toMatchObject({ changed: true, active: true, alive: true, log: [] });
      expect(first.hints.join()).toMatch(/enable-linger.*RemoveIPC/);
      const text = await readFile(first.file, "utf8");
      expect(text).not.toContain(String(home.env.ENCRYPTION_KEY));
      expect((await stat(first.file)).mode & 0o777).toBe(0o600);
      expect((await home.psnProcess(["worker", "status"], { env })).json).toMatchObject({
        workers: 1,
        service: { installed: true, active: true, says: "active" },
      });
      const again = await home.psnProcess(["worker", "install"], { env });
      expect(again.json).toMatchObject({ changed: false, active: true, alive: true });
      expect(await readFile(first.file, "utf8")).toBe(text);
      expect(await readFile(calls, "utf8")).toContain("--user restart psn-worker.service");
    } finally {
      expect((await home.psnProcess(["worker", "uninstall"], { env })).json).toMatchObject({ removed: true });
    }
    expect(await isRunning()).toBe(false);
    expect((await home.psnProcess(["worker", "uninstall"], { env })).json).toMatchObject({ removed: false });
  },
);

test.skipIf(!onLinux)("a service that starts and dies is told with the end of its log", async () => {
  const { env } = await standIns();
  await store(["DATABASE_URL", "ENCRYPTION_KEY", ...Object.keys(home.env).filter((name) => name.startsWith("X_"))]);
  // The worker refuses to send; the terminal's own commands need none of it.
  const sabotage = "#!/bin/sh\necho 'no such library: libfoo' >&2\nexit 127\n";
  const path = String(env.PATH).split(":")[0] ?? "";
  await writeFile(join(path, "dirname-of-node"), sabotage);
  const systemctl = join(path, "systemctl");
  const script = (await readFile(systemctl, "utf8")).replace(
    /env -i "\$@" sh -c "[^\n]*?" </,
    `sh '${join(path, "dirname-of-node")}' <`,
  );
  expect(script).toContain("dirname-of-node");
  await writeFile(systemctl, script);
  const { code, json, stdout } = await home.psnProcess(["worker", "install"], { env });
  expect(code).not.toBe(0);
  expect(json).toMatchObject({ outcome: "error", alive: false, error: { code: "SERVICE_NOT_ACTIVE" } });
  expect(stdout).toContain("Its log ends: no such library: libfoo");
  await home.psnProcess(["worker", "uninstall"], { env });
});

test("where macOS lets no service read, and what npm empties, is said", () => {
  const env = { HOME: "/Users/ann" };
  const said = (platform: NodeJS.Platform, folder: string) => placeHints(platform, env, [folder]).join(" ");
  expect(said("darwin", "/Users/ann/Documents/psn")).toContain("macOS lets no service read ~/Documents");
  expect(said("darwin", "/Users/ann/Documents2/psn")).toBe("");
  expect(said("linux", "/Users/ann/Documents/psn")).toBe("");
  expect(said("linux", "/Users/ann/.npm/_npx/af3/node_modules/psn")).toContain("npx's cache");
});

/** Puts these variables where setup puts them. */
async function store(names: readonly string[]): Promise<void> {
  const folder = String(home.env.PSN_CONFIG_DIR);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const text = (isKey: boolean) =>
    names
      .filter((name) => name.startsWith("X_") === isKey)
      .map((name) => `${name}='${home.env[name]}'\n`)
      .join("");
  await writeFile(join(folder, "hub.env"), text(false), { mode: 0o600 });
  await writeFile(join(folder, "keys.env"), text(true), { mode: 0o600 });
}
