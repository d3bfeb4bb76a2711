/** What `--open`, `--png` and `--theme` ask for. Apart, so that a command loads the page only when it is wanted. */
import { z } from "zod";
import { PsnError } from "../core/errors.ts";
import { type Fields, flag } from "./_command.ts";

// None is a field of a tool: a tool that reads writes no file, and none runs until Ctrl-C.
export const PAGE_FIELDS = {
  open: flag("Show it as a page in your browser, as X's readers will see it; runs until Ctrl-C").meta({
    terminal: true,
  }),
  png: z.string().optional().meta({
    placeholder: "FILE",
    description: "Draw it into this PNG file; needs a Chromium on this machine",
    terminal: true,
  }),
  theme: z.enum(["system", "light", "dim", "dark"]).default("system").meta({
    placeholder: "THEME",
    takes: "system, light, dim or dark",
    description: "Its colours: light, dim, dark (default: the system's; a picture is light)",
    terminal: true,
  }),
};
export type PageFields = Fields<typeof PAGE_FIELDS>;

/** What came of the fields, beside the answer of the command. */
export const PAGE_ANSWER = {
  /** Lets a browser in; keep it to yourself, for it can also approve. Absent where no program may have it. */
  pageUrl: z.string().optional(),
  picture: z.object({ file: z.string(), drawn: z.number().int(), of: z.number().int() }).optional(),
};
export type PageAnswerFields = z.infer<z.ZodObject<typeof PAGE_ANSWER>>;

/** @throws PsnError USAGE */
export function isPageWanted({ open, png, theme }: PageFields): boolean {
  const isWanted = open || png !== undefined;
  if (!isWanted && theme !== "system") throw new PsnError("USAGE", "--theme goes with --open or --png.");
  return isWanted;
}
