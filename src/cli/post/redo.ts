/** `psn post redo`: does again what was undone last. */
import { redoPost } from "../../core/posts/write.ts";
import { stepCommand } from "./_step-back.ts";

export const redoCommand = stepCommand(redoPost);
