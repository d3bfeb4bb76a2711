/** `PSN_NO_LIVE=1`: nothing is written to X from this process, whatever is asked of it. */
import { PsnError } from "../../core/errors.ts";
import type { Platform } from "../../core/platform.ts";

type Env = Record<string, string | undefined>;

export const isLive = ({ PSN_NO_LIVE: off = "" }: Env): boolean =>
  ["", "0", "false"].includes(off.trim().toLowerCase());

/** Before an act that writes to X. @throws PsnError LIVE_OFF */
export function requireLive(env: Env): void {
  if (!isLive(env)) throw liveOff();
}

/** The last guard: what comes as far as the platform is refused there. What reads is left. */
export function withoutWrites(platform: Platform): Platform {
  const refuse = async () => {
    throw liveOff();
  };
  return {
    ...platform,
    createPost: refuse,
    deletePost: refuse,
    uploadMedia: refuse,
    setAltText: refuse,
    addCaption: refuse,
  };
}

const liveOff = () =>
  new PsnError("LIVE_OFF", "PSN_NO_LIVE is set: nothing is written to X from here.", {
    hint: "Unset it to publish. A dry run (--dry-run) says what would happen.",
  });
