/** The keys while nothing is asked: what approving and leaving do depends on how the post stands. */
import { isWaiting } from "../../../core/post/transitions.ts";
import type { Shown } from "../_status.ts";
import type { KeyHelp } from "./view.ts";

interface Keys {
  all: readonly KeyHelp[];
  /** Those shown where there is no room for all. */
  few: readonly KeyHelp[];
}

export function usualKeys(post: Shown["post"]): Keys {
  const goes: readonly [string, string] = ["a", isWaiting(post) ? "its time…" : post.approved ? "send…" : "approve…"];
  const stays = isWaiting(post) ? "its time stays" : post.status === "draft" ? "the draft stays" : "it stays as it is";
  return {
    all: [
      ["↑↓", "choose"],
      ["←→", "move its end by a word"],
      ["[ ]", "by a sentence"],
      ["s", "split"],
      ["j", "join with next"],
      ["e", "edit"],
      ["E", "edit all"],
      ["i o", "insert before, after"],
      ["x", "remove"],
      ["< >", "reorder"],
      ["m", "attach"],
      ["d", "detach"],
      ["u U", "undo, redo"],
      goes,
      ["q", `leave, ${stays}`],
    ],
    few: [goes, ["q", "leave"], ["?", "all keys"]],
  };
}
