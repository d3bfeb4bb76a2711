/** A program in a real terminal (tmux), driven by keys, read from its screen. */
import type { Env } from "../core/config/env-file.ts";
import { PSN, type TestHome } from "./cli.ts";
import { Control } from "./control.ts";

const TMUX = Bun.which("tmux");
/** Without tmux such tests are skipped, unless PSN_REQUIRE_TMUX=1. */
export const hasTmux = TMUX !== null || process.env.PSN_REQUIRE_TMUX === "1";
if (!hasTmux) process.stderr.write("skipped: tmux is not installed, so nothing is tested in a real terminal\n");

/** In a shell's line. */
export const psn = PSN;
export const quote = (text: string) => `'${text.replaceAll("'", "'\\''")}'`;

let started = 0;

/** Nobody is quicker from one key to the next. */
const PERSON_MS = 25;

/** Far more than it takes, for a machine that is busy with other tests. */
const WAIT_MS_MAX = 90_000;
/** A screen on which nothing is written is looked at again after this time. */
const LOOK_MS = 500;
/** What a program draws comes in pieces. */
const PIECES_MS = 5;

/** One terminal with one program in it. */
export class Screen {
  readonly #control: Control;

  private constructor(control: Control) {
    this.#control = control;
  }

  /** `env` is on top of the home's; what is undefined in it is not set. */
  static async start(
    home: Pick<TestHome, "env" | "folder">,
    command: string,
    size = { columns: 90, rows: 30 },
    env: Env = {},
  ) {
    const all: Env = { ...home.env, TERM: "xterm-256color", ...env };
    const assignments = Object.entries(all).flatMap(([name, value]) =>
      value === undefined ? [] : [`${name}=${quote(value)}`],
    );
    // What the program leaves on the screen is read after its end, too.
    // Ctrl-C is the program's, not the shell's around it.
    const line = `trap : INT; cd ${quote(home.folder)}; env -i ${assignments.join(" ")} ${command}; echo "ended with $?"; exec sleep 60`;
    const { columns, rows } = size;
    const session = ["new-session", "-x", String(columns), "-y", String(rows), "sh", "-c", line];
    return new Screen(new Control(TMUX ?? "tmux", `psn-test-${process.pid}-${++started}`, session));
  }

  tmux(...args: string[]): Promise<string> {
    return this.#control.ask(...args);
  }

  text(): Promise<string> {
    return this.tmux("capture-pane", "-p");
  }

  /** What stands on the screen and above it, a line that the terminal broke as one. */
  whole(): Promise<string> {
    return this.tmux("capture-pane", "-p", "-J", "-S", "-500");
  }

  /** As a person presses them: what comes within a millisecond behind a text is taken for the end of a paste. */
  async keys(...keys: string[]): Promise<void> {
    await Bun.sleep(PERSON_MS);
    await this.tmux("send-keys", ...keys);
  }

  async type(text: string): Promise<void> {
    await this.tmux("send-keys", "-l", text);
  }

  /** Waits until the screen shows it. */
  shows(wanted: string | RegExp): Promise<string> {
    return this.#reads(wanted, () => this.text());
  }

  /** Waits until it stands on the screen or above it. */
  hasShown(wanted: string | RegExp): Promise<string> {
    return this.#reads(wanted, () => this.whole());
  }

  async #reads(wanted: string | RegExp, read: () => Promise<string>): Promise<string> {
    const end = Date.now() + WAIT_MS_MAX;
    for (;;) {
      const changed = this.#control.changes;
      const text = await read();
      if (typeof wanted === "string" ? text.includes(wanted) : wanted.test(text)) return text;
      if (Date.now() > end) throw new Error(`the screen never showed ${wanted}:\n${text}`);
      await Promise.race([changed, Bun.sleep(LOOK_MS)]);
      await Bun.sleep(PIECES_MS);
    }
  }

  async close(): Promise<void> {
    await this.#control.close();
  }
}
