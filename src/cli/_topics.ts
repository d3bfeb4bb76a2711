/** `psn help TOPIC`: what several commands have in common. Made from the tables that the program itself obeys. */
import { ALT_TEXT_LENGTH_MAX, IMAGES_MAX, MEDIA_LIMITS } from "../core/platform.ts";
import { configDir } from "../core/utils/env.ts";
import { settingDefaults } from "../core/utils/settings.ts";
import { EXIT_MEANINGS, errorTable } from "./_errors.ts";
import { hung } from "./_wrap.ts";

export const TOPICS = ["times", "markdown", "media", "exit-codes", "environment"] as const;
export type Topic = (typeof TOPICS)[number];

export const isTopic = (word: string | undefined): word is Topic => TOPICS.some((topic) => topic === word);

/** The text of a topic. */
export function topicText(topic: Topic): string {
  return TEXTS[topic]().join("\n");
}

// --- internal ---

const rows = (list: readonly (readonly [string, string])[], columns: number) =>
  list.flatMap(([left, right]) => hung(`  ${left.padEnd(columns)} `, right));

const TEXTS: Record<Topic, () => string[]> = {
  times: () => [
    "Times are read on your clock (PSN_TIMEZONE) and have one reading, or are refused with those that they could have.",
    "",
    ...rows(
      [
        ["tomorrow 9am", "a day in words, an hour with am, pm or a colon"],
        ["friday 18:30", "the next such day; said on a Friday it has two readings"],
        ["in 2 hours", "from now on"],
        ["2027-03-15 09:00", "a date as ISO 8601 has it; 03/04/2027 has two readings and is refused"],
        ["2027-03-15T09:00Z", "with an offset it means the same everywhere"],
      ],
      20,
    ),
    "",
    "A time that the clock shows twice is asked for (--earlier, --later); one that it skips is refused.",
    'psn when "friday 18:30" shows how a phrase is read, and schedules nothing.',
  ],
  markdown: () => [
    "X shows no Markdown. A file is posted as it is written, unless you say otherwise; the preview names what would be seen as marks.",
    "",
    ...rows(
      [
        ["---", "a line of it ends a tweet, in a file and in the editor; not inside code"],
        [
          "front matter",
          "at, account, media with alt, poll, reply_to, id and approve, between two lines of --- at the top",
        ],
        ["--markdown strip", "takes the marks out, and attaches the images that lie beside the file"],
        ["psn post sync", "makes a folder of such files and your posts agree, after showing a plan"],
      ],
      20,
    ),
  ],
  media: () => [
    `A tweet holds up to ${IMAGES_MAX} images, or one GIF, or one video. An alt text has up to ${ALT_TEXT_LENGTH_MAX.toLocaleString("en")} characters.`,
    "",
    ...rows(
      [...MEDIA_LIMITS].map(([type, { kind, bytesMax }]) => [
        type,
        `${kind}, up to ${Math.round(bytesMax / 2 ** 20)} MB`,
      ]),
      20,
    ),
    "",
    "--media 2:cover.png attaches to tweet 2, --alt gives the alt texts in the same order; psn post attach does it later.",
    "--captions en:talk.srt gives a video its captions, SRT or WebVTT, a file a language; 2:en:talk.srt for that of tweet 2. In front matter:",
    "media: { file: talk.mp4, captions: { en: talk.srt, de: talk.vtt } }.",
    "--strip leaves out where, by whom and with which camera a file was made; --fix makes of AVIF, TIFF and pictures of too many",
    "bytes one that X takes, where sharp is installed. In front matter: media: { file: bay.tif, fix: true, strip: true }.",
    "The bytes are copied when you attach, so the original may move or go. Where they are kept: PSN_MEDIA_STORE.",
  ],
  "exit-codes": () => [
    ...rows(
      EXIT_MEANINGS.map(([code, meaning]) => [String(code), meaning]),
      5,
    ),
    "",
    `Each of the ${errorTable().length} error codes has one of them: psn schema --errors`,
  ],
  environment: () => [
    `The environment wins over the files in ${configDir()}; psn config get says which it was.`,
    "",
    ...rows(
      [
        ["PSN_CONFIG_DIR", "where hub.env and keys.env are"],
        ["PSN_DATA_DIR", "where the embedded hub and media are"],
        ["VISUAL, EDITOR", "the program that psn post create opens"],
        ["NO_COLOR", "no colours"],
      ],
      28,
    ),
    "",
    "Settings:",
    ...rows(
      settingDefaults().map(({ name, value }) => [name, value === null ? "no default" : `default ${value}`]),
      28,
    ),
  ],
};
