/**
 * What an approval binds beside the words of the tweets, as a person is shown it: the one list for the client's question, the terminal and
 * the approval page. Pure.
 */
import { dollars } from "../compose/cost.ts";
import type { PostMetadata } from "../types/index.ts";
import { utcToUserTime } from "../utils/zone-clock.ts";
import type { ApprovalTerms } from "./person-approval.ts";
import type { Post } from "./read.ts";

/** A line of it: what it is, and what it says. */
export type Fact = readonly [name: string, says: string];

/** Account, time, cost, and all that X gets beside words and media. @param zone the author's */
export function boundFacts(post: Post, { sends, costUsd }: ApprovalTerms, zone: string): Fact[] {
  const { length } = post.tweets;
  const sent = post.tweets.filter(({ externalPostId }) => externalPostId !== null).length;
  const onX = sent === 0 ? "" : `, ${sent} of them on X already`;
  return [
    ["account", `@${post.account.handle}`],
    ["goes out", whenSaid(sends, zone)],
    ["costs", `up to ${dollars(costUsd)} at X`],
    ["tweets", `${length}${onX}`],
    ...labelsSaid(post.root.metadata),
  ];
}

/** Each file with its alt text and its captions, in the order in which they are sent. */
export function boundMedia({ tweets }: Post): Fact[] {
  return tweets.flatMap(({ media, threadPosition }) =>
    media.map(({ fileName, altText, captions }): Fact => {
      const languages =
        captions.length === 0 ? "" : `; captions: ${captions.map(({ language }) => language).join(", ")}`;
      return [
        `media of tweet ${threadPosition + 1}`,
        `${fileName}, ${altText ? `alt text: ${altText}` : "no alt text"}${languages}`,
      ];
    }),
  );
}

/** What X gets beside the text of a post. */
export function labelsSaid(labels: PostMetadata): Fact[] {
  const { poll, replySettings, madeWithAi, paidPartnership, replyToId, altRequired } = labels;
  return [
    ...(replyToId ? [["replies to", `your tweet ${replyToId}`] as const] : []),
    ...(poll ? [["poll", `${poll.options.join(" | ")}, open for ${poll.durationMinutes} minutes`] as const] : []),
    ...(replySettings ? [["replies", `${replySettings} only`] as const] : []),
    ...(madeWithAi ? [["label", "made with AI"] as const] : []),
    ...(paidPartnership ? [["label", "paid partnership"] as const] : []),
    ...(altRequired ? [["alt texts", "required, or nothing is sent"] as const] : []),
  ];
}

// --- internal ---

function whenSaid(sends: string, zone: string): string {
  if (sends === "draft") return "not by this yes, but later";
  return sends === "now" ? "at once" : utcToUserTime(new Date(sends), zone).text;
}
