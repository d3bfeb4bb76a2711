/** `--markdown strip`: a text without its Markdown, and the images that it shows as media of the tweets at whose place they stood. */
import { dirname, isAbsolute, join, normalize } from "node:path";
import { stripMarkdown } from "../../core/compose/markdown.ts";
import { type Warning, warn } from "../../core/compose/warnings.ts";
import { type Attachment, checkedAltText } from "../../core/posts/attachments.ts";
import { type Cutting, cutText } from "../../core/posts/composing.ts";
import { fileExists } from "../_files.ts";

export interface StrippedText {
  text: string;
  attachments: Attachment[];
  /** Images that are not attached, and words that were struck through. */
  told: Warning[];
}

/**
 * @param file the text's file; its images lie in its folder or below, and no other file of the machine is attached
 * @throws PsnError TEXT_…, ALT_TOO_LONG
 */
export async function stripText(
  given: string,
  file: string | null,
  cwd: string,
  cutting: Cutting,
): Promise<StrippedText> {
  const { text, images, struck } = stripMarkdown(given);
  const folder = file === null ? cwd : dirname(file);
  const attachments: Attachment[] = [];
  const told: Warning[] = struck.length === 0 ? [] : [unstruck(struck)];
  const places = images.length === 0 || text === "" ? [] : cutText(text, cutting).tweets.map(({ place }) => place);
  for (const { source, alt, offset } of images) {
    const path = normalize(source);
    const isBeside = !/^[a-z][a-z0-9+.-]*:/i.test(source) && !isAbsolute(path) && !path.startsWith("..");
    if (!isBeside || !(await fileExists(folder, path))) {
      told.push(leftOut(source, isBeside));
      continue;
    }
    const tweet = places.findIndex((place) => place !== undefined && offset <= place.end);
    attachments.push({ tweet: Math.max(0, tweet), file: join(folder, path), altText: checkedAltText(alt) });
  }
  return { text, attachments, told };
}

// --- internal ---

const SHOWN_LENGTH_MAX = 80;

function unstruck(struck: readonly string[]): Warning {
  const shown = (struck[0] ?? "").replace(/\s+/g, " ").slice(0, SHOWN_LENGTH_MAX);
  const more = struck.length > 1 ? `, and ${struck.length - 1} more` : "";
  return warn("strike_lost", `X shows no words as struck through: “${shown}”${more} will be read as any others.`);
}

function leftOut(source: string, isBeside: boolean): Warning {
  const why = isBeside ? "there is no such file" : "it is not in the folder of the text";
  const message = `The image ${source.slice(0, SHOWN_LENGTH_MAX)} is left out: ${why}. --media N:FILE attaches one.`;
  return warn("image_left_out", message);
}
