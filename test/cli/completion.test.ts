/** TAB in real shells: what is offered comes from the schemas and the hub, and nothing of what is typed or stored is run. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { chmod, exists, mkdir, readdir, writeFile } from "node:fs/promises";
import { createServer } from "node:net";
import { join } from "node:path";
import { wallClock } from "../../src/core/clock.ts";
import { glance } from "../../src/core/db/glance.ts";
import { PROJECT_DIR } from "../../src/core/utils/env.ts";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { hasTmux, quote, Screen } from "../../src/testing/screen.ts";

let home: TestHome;
let id: string;
beforeAll(async () => {
  home = await testHome();
  // Far more than a person would wait, for a machine that is busy with other tests.
  home.env.PSN_COMPLETION_MS = "10000";
  await home.signIn();
  const { json } = await home.psn(["post", "create", "A text with $(touch ran) and `touch ran`."]);
  ({ id } = (json as { post: { id: string } }).post);
  // What somebody types beside a program of this name, and has not called yet.
  await writeFile(join(home.folder, "psn"), "#!/bin/sh\ntouch ran\n");
  await chmod(join(home.folder, "psn"), 0o755);
  await writeFile(join(home.folder, "my picture.png"), "");
});
afterAll(() => home.close());

/** What `psn completion` offers after these words, as the shells' scripts ask it: in a process, from whose start the time for the hub counts. */
async function offered(words: string[], env = home.env, shell = "zsh", run = home.psnProcess): Promise<string[]> {
  const { code, stdout, stderr } = await run(["completion", shell, "--", ...words], { env });
  expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  return stdout.trimEnd().split("\n");
}

/** How each shell is started with the script, and with no other settings of this machine. */
const SHELLS: Record<string, (folder: string) => Promise<string>> = {
  bash: async (folder) => {
    await writeFile(join(folder, "rc"), 'PS1="ready> "; eval "$(psn completion bash)"\n');
    return `bash --noprofile --rcfile ${quote(join(folder, "rc"))} -i`;
  },
  zsh: async (folder) => {
    // What zsh itself does at TAB by default is to expand, which runs what is typed.
    const rc =
      'bindkey "^I" complete-word; PS1="ready> "; autoload -Uz compinit; compinit -u; source <(psn completion zsh)\n';
    await writeFile(join(folder, ".zshrc"), rc);
    return "zsh -i";
  },
  fish: async (folder) => {
    await mkdir(join(folder, "fish/completions"), { recursive: true });
    const { stdout } = await home.psn(["completion", "fish"]);
    await writeFile(join(folder, "fish/completions/psn.fish"), stdout);
    await writeFile(
      join(folder, "fish/config.fish"),
      'function fish_prompt; echo "ready> "; end; set -g fish_greeting\n',
    );
    return "fish -i";
  },
};

for (const [shell, start] of Object.entries(SHELLS)) {
  const isThere = hasTmux && Bun.which(shell) !== null;
  if (!isThere) process.stderr.write(`skipped: TAB in ${shell}, for want of it or of tmux\n`);
  test.skipIf(!isThere)(
    `${shell} completes commands, options, posts, accounts and files, and runs nothing of them`,
    async () => {
      const folder = join(home.folder, `of-${shell}`);
      await mkdir(folder);
      const path = `${join(PROJECT_DIR, "bin")}:${process.env.PATH}`;
      const command = await start(folder);
      const screen = await Screen.start(home, command, undefined, {
        PATH: path,
        ZDOTDIR: folder,
        XDG_CONFIG_HOME: folder,
        XDG_DATA_HOME: folder,
        XDG_CACHE_HOME: folder,
        PSN_CONFIG_DIR: String(home.env.PSN_CONFIG_DIR),
      });
      const handle = (await home.hub.pool.query("select handle from psn.accounts")).rows[0].handle as string;
      const lines: [typed: string, becomes: string][] = [
        ["psn post sho", "psn post show "],
        [`psn post show ${id.slice(0, 5)}`, `psn post show ${id} `],
        ["psn post create a --cut f", "psn post create a --cut fewest "],
        [`psn account default ${handle.slice(0, 3)}`, `psn account default ${handle} `],
        [`psn post create a --account=@${handle.slice(0, 3)}`, `psn post create a --account=@${handle} `],
        ["psn post create --file my", "psn post create --file my\\ picture.png "],
        ["psn post show $(touch ran) `touch ran` ", "psn post show $(touch ran) `touch ran` --"],
        ["./psn post sho", "./psn post show "],
      ];
      try {
        await screen.shows("ready>");
        for (const [typed, becomes] of lines) {
          await screen.keys("-l", typed);
          await screen.shows(typed.trimEnd());
          await screen.keys("Tab");
          // A sign after it shows that TAB is done, and whether a blank stands before.
          await screen.keys("-l", "#");
          await screen.shows(`${becomes}#`);
          await screen.keys("C-u");
          await screen.shows(/ready>\s*$/);
        }
        expect(await exists(join(home.folder, "ran"))).toBe(false);
      } finally {
        await screen.close();
      }
    },
  );
}

test("what is offered is every command and option, as the schemas have it", async () => {
  const known = (words: string[]) => offered(words, home.env, "zsh", home.psn);
  expect(await known([""])).toContain("completion Print the script by which bash, zsh, fish or PowerShell com…");
  expect(await known(["post", "cr"])).toEqual([expect.any(String), expect.stringMatching(/^create /)]);
  expect((await known(["worker", ""])).map((line) => line.split(" ")[0])).toEqual(
    expect.arrayContaining(["words", "install", "uninstall", "status", "--also"]),
  );
  expect(await known(["help", "exit"])).toEqual(["words", "exit-codes a topic"]);
  expect(await known(["post", "sync", ""])).toEqual(["folders"]);
  expect(await known(["post", "create", "--", "--cu"])).toEqual(["words"]);
  expect(await known(["nothing", "such", ""])).toEqual(["words"]);
  // As PowerShell's script marks the word at the cursor.
  expect(await offered(["post", "show", "."], home.env, "powershell")).toContainEqual(
    expect.stringMatching(new RegExp(`^${id} draft @`)),
  );
});

test("a handle that a shell would act upon is never offered, and what is told of an account is harmless on a screen", async () => {
  const set = (handle: string, name: string) =>
    home.hub.pool.query("update psn.accounts set handle = $1, name = $2", [handle, name]);
  const { handle, name } = (await home.hub.pool.query("select handle, name from psn.accounts")).rows[0];
  try {
    await set(handle, "a\u001b]0;b\u0007");
    expect(await offered(["account", "default", ""])).toEqual(["words", `${handle} a\ufffd]0;b\ufffd`]);
    for (const harmful of ["a;touch ran", "$(touch ran)", "a\u001b[31m", "a b", "a\nb", "`touch`"]) {
      await set(harmful, "");
      expect(await offered(["account", "default", harmful.slice(0, 1)])).toEqual(["words"]);
    }
    expect((await offered(["post", "show", ""]))[1]).toStartWith(`${id} draft @`);
  } finally {
    await set(handle, name);
  }
});

test("a hub that does not run is not started, and one that does not answer is not waited for", async () => {
  const data = join(home.folder, "elsewhere");
  const env = { ...home.env, DATABASE_URL: "embedded", PSN_DATA_DIR: data };
  expect((await offered(["post", "show", ""], env)).slice(0, 2)).toEqual(["words", expect.stringMatching(/^--/)]);
  expect(await exists(data)).toBe(false);
  expect(await offered(["post", "sho"], { PATH: home.env.PATH, HOME: home.folder, PSN_CONFIG_DIR: data })).toHaveLength(
    2,
  );
  expect(await exists(data)).toBe(false);
  const mute = createServer(() => {}).listen(0, "127.0.0.1");
  await new Promise((resolve) => mute.once("listening", resolve));
  try {
    const { port } = mute.address() as { port: number };
    const at = { ...home.env, DATABASE_URL: `postgres://psn@127.0.0.1:${port}/psn`, PSN_COMPLETION_MS: "1000" };
    expect(await offered(["post", "show", ""], at)).toContain(
      "--all The whole history, each edit and each second of it",
    );
    // Its time is over at once here; whoever waited for the hub would wait ten minutes.
    const over = { ...wallClock, sleep: async () => {} };
    const hub = { databaseUrl: at.DATABASE_URL, dataDir: data };
    expect(await glance(hub, 600_000, (db) => db.execute("select 1"), over)).toBeNull();
  } finally {
    mute.close();
  }
  expect(await readdir(home.folder)).not.toContain("ran");
});
