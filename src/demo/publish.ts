/** The given text, with an image: composed, approved, and published at once. */
import { createHash } from "node:crypto";
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { createPost, postNow } from "../cli/post.ts";
import { dollars } from "../core/compose/cost.ts";
import { PsnError } from "../core/errors.ts";
import type { Post } from "../core/posts/read.ts";
import { approvePost } from "../core/posts/write.ts";
import { expectedOf, type Part, tweets } from "./part.ts";
import { drawPicture, PICTURE_ALT } from "./picture.ts";
import type { Scene } from "./scene.ts";
import { requireRunning } from "./stage.ts";

/** @throws PsnError DEMO_POST_FAILED, DEMO_STOPPED */
export async function publishText(scene: Scene): Promise<Part> {
  const { source, folder } = scene;
  const image = join(folder.dataDir, "lighthouse.png");
  const picture = drawPicture();
  await mkdir(folder.dataDir, { recursive: true, mode: 0o700 });
  await writeFile(image, picture);
  const draft = await compose(scene, image);
  scene.narrator.preview(source.preview);
  await scene.step("Approve", async () => {
    await approvePost(scene.app.hub, draft.root.id, { contentVersion: draft.root.contentVersion });
    return { value: null, says: `as shown, with an image on tweet 1; alt text: ${PICTURE_ALT}` };
  });
  const post = await publish(scene, draft.root.id);
  const expected = expectedOf("The text", source.text, post, null);
  const media = [{ sha256: createHash("sha256").update(picture).digest("hex"), altText: PICTURE_ALT }];
  if (expected.tweets[0]) expected.tweets[0].media = media;
  return { name: "The text", how: "at once, with an image", postId: post.root.id, expected, scheduledFor: null };
}

// --- internal ---

async function compose(scene: Scene, image: string): Promise<Post> {
  const { app, source, narrator } = scene;
  return await scene.step("Compose", async () => {
    const attachments = [{ tweet: 0, file: image, altText: PICTURE_ALT }];
    const { post } = await createPost(app, { text: source.text, attachments });
    const { tweetCount, costUsd } = source.preview;
    const from = source.file === null ? "stdin" : narrator.shortPath(source.file);
    return { value: post, says: `${from}: ${tweets(tweetCount)}, about ${dollars(costUsd)} at X` };
  });
}

async function publish(scene: Scene, postId: string): Promise<Post> {
  return await scene.step("Publish", async () => {
    const { post, result } = await postNow(scene.app, postId, { signal: scene.signal });
    requireRunning(scene.signal);
    if (result.kind !== "published") {
      const why = result.kind === "failed" ? result.reason : result.kind === "deferred" ? result.note : result.kind;
      throw new PsnError("DEMO_POST_FAILED", `The thread was not published: ${why}`);
    }
    const chain = post.tweets.length > 1 ? ", each a reply to the one before" : "";
    return { value: post, says: `${tweets(post.tweets.length)} at once${chain}` };
  });
}
