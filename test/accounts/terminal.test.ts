/** Setup as a person meets it: a real terminal (tmux), prompts, a browser elsewhere, and a paste. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import { SANDBOX_CLIENT_ID, SANDBOX_CLIENT_SECRET } from "../../src/sandbox/types.ts";
import { consent, type TestHome, testHome } from "../../src/testing/cli.ts";
import { hasTmux, psn, quote, Screen } from "../../src/testing/screen.ts";

const TEST_MS_MAX = 240_000;
let home: TestHome;

/** Where consent is given; each is a line of its own. */
const addresses = (text: string) => Array.from(text.matchAll(/^http\S+authorize\S+$/gm), ([address]) => address);

describe.skipIf(!hasTmux)("setup at a terminal", () => {
  beforeAll(async () => {
    home = await testHome();
    for (const name of ["ENCRYPTION_KEY", "X_CLIENT_ID", "X_CLIENT_SECRET"]) delete home.env[name];
  });
  afterAll(() => home?.close());

  test(
    "scenario 17: a whole sign-in at a terminal without a browser, with a refusal on the way",
    async () => {
      const screen = await Screen.start(home, "sh", { columns: 90, rows: 50 });
      const shows = (pattern: RegExp) => screen.hasShown(pattern);
      /** Types as a person, or pastes as their terminal does. */
      const type = async (text: string) => {
        await screen.type(text);
        await Bun.sleep(80);
        await screen.keys("Enter");
      };
      /** As a terminal pastes what was copied from wrapped lines; Enter comes when the end of it stands there. */
      const paste = async (text: string, width: number) => {
        const lines = text.match(new RegExp(`.{1,${width}}`, "g")) ?? [];
        await screen.tmux("set-buffer", lines.join("\n"));
        await screen.tmux("paste-buffer", "-p");
        await shows(new RegExp(`^> .*${RegExp.escape(lines.at(-1)?.slice(-12) ?? "")}$`, "m"));
        await screen.keys("Enter");
      };
      try {
        await type(`clear && ${psn} setup; echo "ended with $?"`);

        await shows(/\[1\/5\] ✓ The hub works/);
        await shows(/callback/i);
        await shows(/◆ {2}Client ID/);
        await type(SANDBOX_CLIENT_ID);
        await shows(/◆ {2}Client Secret/);
        await type("not the secret");
        await shows(/does not accept[\s\S]*◆ {2}Client ID/);
        await type(SANDBOX_CLIENT_ID);
        await shows(/does not accept[\s\S]*◆ {2}Client Secret/);
        await type(SANDBOX_CLIENT_SECRET);
        await shows(/\[2\/5\] ✓/);
        expect(await screen.whole()).not.toContain(SANDBOX_CLIENT_SECRET);

        await shows(/\[3\/5\] ✓/);
        await shows(/30 seconds/);
        const [first] = addresses(await shows(/^http\S+authorize\S+$/m));
        await shows(/Paste the whole address/);
        const denied = await fetch(`${first}&sandbox_consent=deny`, { redirect: "manual" });
        await paste(denied.headers.get("location") ?? "", 200);
        await shows(/declined at X/);
        const second = addresses(await shows(/declined[\s\S]*Paste the whole/)).at(-1) ?? "";
        expect(second).not.toBe(first ?? "");
        // Cut anywhere, also within the code.
        await paste(await consent(second, "sandbox_premium"), 67);

        await shows(/\[4\/5\] ✓ Signed in as @sandbox_premium/);
        await shows(/\[5\/5\] ✓ Every connection works/);
        await shows(/✓ @sandbox_premium: X knows it as @sandbox_premium \(Sandbox Premium\), Premium/);
        await shows(/ended with 0/);
        const config = join(home.folder, "config");
        expect(((await stat(config)).mode & 0o777).toString(8)).toBe("700");
        expect(await readFile(join(config, "keys.env"), "utf8")).toContain(SANDBOX_CLIENT_SECRET);

        // Left in the middle, it goes on where it was.
        // Asked below a line of its own: the question of before still stands there until the shell has cleared it.
        await type(`clear; echo anew; ${psn} setup --sign-in; echo "left with $?"`);
        await shows(/^anew$[\s\S]*Paste the whole address/m);
        await screen.keys("C-c");
        expect(await shows(/left with 130/)).toMatch(/\[4\/5\] ✗ Setup was left/);
      } finally {
        await screen.close();
      }
    },
    TEST_MS_MAX,
  );

  test(
    "on a narrow terminal help, answers and errors are broken between words",
    async () => {
      const env = {
        PATH: process.env.PATH,
        HOME: home.folder,
        PSN_CONFIG_DIR: "/nonexistent",
        PSN_DATA_DIR: home.folder,
      };
      const line = `${psn} hub move --help; ${psn} hub move --to postgres://me:word@db.example.org/psn`;
      const size = { columns: 40, rows: 80 };
      const screen = await Screen.start({ env, folder: home.folder }, `sh -c ${quote(line)}`, size);
      try {
        // Lines as the terminal has them, not joined: a word that it broke would be two.
        const words = (await screen.shows(/^ended with/m)).replace(/\s+/g, " ");
        expect(words).toContain(
          "Move everything to another Postgres (or back to embedded), verified before the switch",
        );
        expect(words).toContain("embedded, or a Postgres URL without a password; else PSN_MOVE_TO is read");
        expect(words).toContain("error NOT_SET_UP");
        expect(words).toMatch(/Run `psn setup`\. ended/);
      } finally {
        await screen.close();
      }
    },
    TEST_MS_MAX,
  );
});
