/** `psn/trigger`: the tasks that the files of `psn trigger init` give to Trigger.dev. Importing it registers them there. */
export { mediaAhead } from "../trigger/media-ahead.ts";
export { publishPost } from "../trigger/publish-post.ts";
export { tokenRefresher } from "../trigger/token-refresher.ts";
export { watchdog } from "../trigger/watchdog.ts";
