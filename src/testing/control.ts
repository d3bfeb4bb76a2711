/**
 * tmux as one process that is told what to do on its stdin and says on its stdout what it answers and when a screen has changed (its
 * control mode): a process for each look, many a second, takes more of the machine than what is looked at.
 */

/** A line of this kind begins an answer; it ends with `%end` or `%error` of the same numbers. */
const BEGIN = /^%begin (\d+ \d+) (\d+)$/;

export class Control {
  readonly #child: Bun.Subprocess<"pipe", "pipe", "pipe">;
  /** Those who wait for an answer, in the order in which they asked. */
  readonly #asked: ReturnType<typeof Promise.withResolvers<string>>[] = [];
  #change = Promise.withResolvers<void>();
  #isGone = false;

  /** Starts a server of its own, by the socket's name, with one command. */
  constructor(tmux: string, socket: string, command: string[]) {
    this.#child = Bun.spawn([tmux, "-C", "-u", "-L", socket, "-f", "/dev/null", ...command], {
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
    });
    void this.#listen();
  }

  /** What a command of tmux answers. */
  async ask(...command: string[]): Promise<string> {
    if (this.#isGone) throw new Error(`tmux ${command[0]}: its server has ended`);
    const answer = Promise.withResolvers<string>();
    this.#asked.push(answer);
    this.#child.stdin.write(`${command.map(quoted).join(" ")}\n`);
    await this.#child.stdin.flush();
    return await answer.promise.catch((error: Error) => {
      throw new Error(`tmux ${command[0]}: ${error.message}`);
    });
  }

  /** Becomes true with the next thing that a program writes on its screen, and at the end. */
  get changes(): Promise<void> {
    return this.#change.promise;
  }

  /** Ends the server with all that runs in it. */
  async close(): Promise<void> {
    if (!this.#isGone) await this.ask("kill-server").catch(() => {});
    this.#child.stdin.end();
    await this.#child.exited;
  }

  // --- internal ---

  async #listen(): Promise<void> {
    const decoder = new TextDecoder();
    let rest = "";
    let answer: { numbers: string; isOurs: boolean; lines: string[] } | null = null;
    for await (const chunk of this.#child.stdout) {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) {
        if (!answer) {
          const [, numbers, flags] = BEGIN.exec(line) ?? [];
          // The answer to the command that it was started with has no flag.
          if (numbers !== undefined) answer = { numbers, isOurs: flags === "1", lines: [] };
          else if (line.startsWith("%output ")) this.#changed();
          continue;
        }
        const isError = line.startsWith(`%error ${answer.numbers} `);
        if (!isError && !line.startsWith(`%end ${answer.numbers} `)) {
          answer.lines.push(line);
          continue;
        }
        const text = answer.lines.map((one) => `${one}\n`).join("");
        const waiting = answer.isOurs ? this.#asked.shift() : undefined;
        answer = null;
        if (isError) waiting?.reject(new Error(text));
        else waiting?.resolve(text);
      }
    }
    this.#isGone = true;
    const why = new Error(`its server has ended. ${await new Response(this.#child.stderr).text()}`);
    for (const waiting of this.#asked.splice(0)) waiting.reject(why);
    this.#changed();
  }

  #changed(): void {
    this.#change.resolve();
    this.#change = Promise.withResolvers<void>();
  }
}

/** A word for tmux's own parser: in double quotes, with what acts there and what would end the line made harmless. */
function quoted(word: string): string {
  const plain = word.replace(/[\\"$~]/g, "\\$&");
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
  return `"${plain.replace(/[\u0000-\u001f\u007f]/g, (sign) => `\\${sign.charCodeAt(0).toString(8).padStart(3, "0")}`)}"`;
}
