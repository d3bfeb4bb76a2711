/** A program in a real terminal (tmux), driven by keys, read from its screen. */
import { join } from "node:path";
import { PROJECT_DIR } from "../../src/core/config/folders.ts";
import type { TestHome } from "../../src/testing/cli.ts";

const TMUX = Bun.which("tmux");
/** Without tmux such tests are skipped, unless PSN_REQUIRE_TMUX=1. */
export const hasTmux = TMUX !== null || process.env.PSN_REQUIRE_TMUX === "1";
if (!hasTmux) process.stderr.write("skipped: tmux is not installed, so the loop cannot be driven\n");

export const psn = join(PROJECT_DIR, "bin/psn");
export const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

let started = 0;

/** Far more than it takes, for a machine that is busy with other tests. */
const WAIT_MS_MAX = 90_000;

/** One terminal with one program in it. */
export class Screen {
  readonly #socket: string;

  private constructor(socket: string) {
    this.#socket = socket;
  }

  static async start(
    home: TestHome,
    command: string,
    size = { columns: 90, rows: 30 },
    env: Record<string, string> = {},
  ) {
    const screen = new Screen(`psn-test-${process.pid}-${++started}`);
    const all: Record<string, string | undefined> = { ...home.env, TERM: "xterm-256color", ...env };
    const assignments = Object.entries(all).map(([name, value]) => `${name}=${quote(value ?? "")}`);
    // What the program leaves on the screen is read after its end, too.
    // Ctrl-C is the program's, not the shell's around it.
    const line = `trap : INT; cd ${quote(home.folder)}; env -i ${assignments.join(" ")} ${command}; echo "ended with $?"; exec sleep 60`;
    const { columns, rows } = size;
    await screen.tmux("new-session", "-d", "-x", String(columns), "-y", String(rows), "sh", "-c", line);
    return screen;
  }

  async tmux(...args: string[]): Promise<string> {
    const child = Bun.spawn([TMUX ?? "tmux", "-L", this.#socket, "-f", "/dev/null", ...args], { stderr: "pipe" });
    const [out, err, code] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      child.exited,
    ]);
    if (code !== 0) throw new Error(`tmux ${args[0]}: ${err}`);
    return out;
  }

  text(): Promise<string> {
    return this.tmux("capture-pane", "-p");
  }

  async keys(...keys: string[]): Promise<void> {
    await this.tmux("send-keys", ...keys);
  }

  async type(text: string): Promise<void> {
    await this.tmux("send-keys", "-l", text);
  }

  /** Waits until the screen shows it. */
  async shows(wanted: string | RegExp): Promise<string> {
    const end = Date.now() + WAIT_MS_MAX;
    for (;;) {
      const text = await this.text();
      if (typeof wanted === "string" ? text.includes(wanted) : wanted.test(text)) return text;
      if (Date.now() > end) throw new Error(`the screen never showed ${wanted}:\n${text}`);
      await Bun.sleep(40);
    }
  }

  async close(): Promise<void> {
    await this.tmux("kill-server").catch(() => {});
  }
}
