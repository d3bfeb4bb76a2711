/** What the loop says of a post's approval and time (tmux): true at that moment, whoever changed the post meanwhile. */
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { join } from "node:path";
import { type TestHome, testHome } from "../../src/testing/cli.ts";
import { hasTmux, psn, Screen } from "../../src/testing/screen.ts";
import { timeComes } from "../../src/testing/time-comes.ts";
import { until } from "../../src/testing/wait.ts";
import { clear, created, script, TEST_MS_MAX } from "./at-terminal.ts";

let home: TestHome;
const at = (name: string) => join(home.folder, name);
const flat = (text: string) => text.replace(/\s+/g, " ");

async function shown(id: string) {
  const { json } = await home.psn(["post", "show", id]);
  return (json as { post: { status: string; approved: boolean; tweets: { text: string }[] } }).post;
}

describe.skipIf(!hasTmux)("how a post stands", () => {
  beforeAll(async () => {
    home = await testHome();
    await home.signIn();
  });
  afterAll(() => home?.close());
  beforeEach(() => clear(home));

  test(
    "of a scheduled post the loop asks for no approval that it has, says when it goes out, and what leaving means",
    async () => {
      const id = await created(home, "It has its time.", "--at", "in 20 days");
      const screen = await Screen.start(home, `${psn} post edit ${id}`);
      try {
        const first = await screen.shows("q leave, its time stays");
        expect(first).toContain("a its time…");
        await screen.keys("a");
        const asked = flat(await screen.shows("another time…"));
        expect(asked).toMatch(
          /This, one tweet as @sandbox_author, is approved and goes out .+\. p publish now instead…/,
        );
        expect(asked).not.toContain("decide later");
        await screen.keys("Escape");
        await screen.shows("q leave, its time stays");
        // Its time passes, and nobody sends it.
        await timeComes(home.hub.pool, id, 3_600);
        await screen.keys("e");
        expect(flat(await screen.shows("Before you change it:"))).toContain("was to go out");
        await screen.keys("Escape");
        await screen.shows("q leave");
        await screen.keys("C-c");
        const end = flat(await screen.shows("ended with 130"));
        expect(end).toContain("The post was to go out");
        expect(end).not.toContain("The draft is kept");
      } finally {
        await screen.close();
      }
      const again = await Screen.start(home, `${psn} post edit ${id}`, undefined, { EDITOR: "true" });
      try {
        await again.shows("its time stays");
        await again.keys("e");
        await again.shows("Before you change it:");
        await again.keys("B");
        await again.shows("The words are as they were.");
        await again.keys("a");
        expect(await again.shows("t at a time…")).not.toContain("F yes");
        await again.keys("Escape");
        await again.shows("the draft stays");
        await again.keys("q");
        const left = flat(await again.shows("q leave it a draft"));
        expect(left).toContain("That is past, and it is a draft now.");
        expect(left).not.toContain("R approve");
        await again.keys("q");
        await again.shows("ended with 0");
      } finally {
        await again.close();
      }
    },
    TEST_MS_MAX,
  );

  test(
    "an approved draft is not asked for approval again, and a plan whose time has passed is not offered",
    async () => {
      const id = await created(home, "It was meant for a time.", "--at", "in 20 days");
      const screen = await Screen.start(home, `${psn} post edit ${id}`, undefined, { EDITOR: "true" });
      try {
        await screen.shows("q leave");
        await screen.keys("e");
        await screen.shows("take it back to a draft");
        await screen.keys("B");
        await screen.shows("The words are as they were.");
        await screen.keys("q");
        await screen.shows("R approve it as it is, and schedule it for then");
        await screen.keys("Escape");
        await screen.shows("the draft stays");
        await screen.keys("a");
        await screen.shows("F yes, for");
        await screen.keys("Escape");
        await screen.shows("the draft stays");
        await screen.keys("q");
        await screen.shows("q leave it a draft");
        await screen.keys("q");
        await screen.shows("ended with 0");
      } finally {
        await screen.close();
      }
      await home.psn(["post", "approve", id]);
      const again = await Screen.start(home, `${psn} post edit ${id}`);
      try {
        await again.shows("a send…");
        await again.keys("a");
        const asked = flat(await again.shows("publish now…"));
        expect(asked).toContain("This, one tweet, is approved, to be posted as @sandbox_author. When?");
        expect(asked).not.toContain("decide later");
        await again.keys("Escape");
        await again.shows("q leave");
        await again.keys("C-c");
        expect(flat(await again.shows("ended with 130"))).toContain("It is approved, and nothing sends it yet.");
      } finally {
        await again.close();
      }
    },
    TEST_MS_MAX,
  );

  test(
    "what another process does meanwhile is told before a key is obeyed, and words of the editor outlive it",
    async () => {
      const id = await created(home, "One. Two.");
      const editor = await script(
        home,
        "slow.sh",
        `printf 'Mine.\\n' > "$1"\ntouch ${at("open")}\nwhile [ -f ${at("open")} ]; do sleep 0.05; done`,
      );
      const screen = await Screen.start(home, `${psn} post edit ${id}`, undefined, { EDITOR: editor });
      const opened = () => until(() => Bun.file(at("open")).exists());
      try {
        await screen.shows("q leave");
        // It gets its time elsewhere: a key that was meant for a draft changes nothing of it.
        await home.psn(["post", "schedule", id, "--at", "in 20 days", "--approve"]);
        await screen.keys("s");
        await screen.shows("It was changed elsewhere meanwhile");
        await screen.shows("q leave, its time stays");
        await screen.keys("Home");
        await screen.shows(/^(?![\s\S]*changed elsewhere)/);
        await home.psn(["post", "cancel", id]);
        await screen.keys("a");
        await screen.shows("It was changed elsewhere meanwhile");
        await screen.shows("the draft stays");
        // Changed while the editor is open.
        await screen.keys("e");
        await opened();
        await home.psn(["post", "text", id, "1", "Theirs."]);
        await Bun.file(at("open")).delete();
        await screen.shows(/What you wrote is\s+kept/);
        expect((await shown(id)).tweets.map(({ text }) => text)).toEqual(["Theirs."]);
        // Published while it is open, and never sent anew.
        await screen.keys("e");
        await screen.shows("Words are kept that were written here");
        await screen.keys("O");
        await opened();
        await home.psn(["post", "now", id, "--approve"]);
        await Bun.file(at("open")).delete();
        await screen.shows(/What you wrote is\s+kept/);
        // The screen is as it is now, and its keys say so.
        await screen.shows("q leave, it stays as it is");
        await screen.keys("q");
        const end = (await screen.shows("ended with 0")).replaceAll("\n", "");
        expect(end).toContain("Words that were not taken are kept");
        expect(end).toContain(at("data/edits"));
        expect(end).not.toContain("The draft is kept");
      } finally {
        await screen.close();
      }
      expect(home.onX()).toEqual(["Theirs."]);
    },
    TEST_MS_MAX,
  );
});
