/** Who sits at this machine, for a post's history. */
import { userInfo } from "node:os";

export function personName(): string {
  try {
    return userInfo().username;
  } catch {
    return "somebody";
  }
}
