/** `psn post undo`: takes the last change of a draft back. */
import { undoPost } from "../../core/posts/write.ts";
import { stepCommand } from "./_step-back.ts";

export const undoCommand = stepCommand(undoPost);
