/** `psn help TOPIC`: its examples are read as it says, and it names every setting. */
import { expect, test } from "bun:test";
import { readTime } from "../core/times/read-time.ts";
import { settingDefaults } from "../core/utils/settings.ts";
import { TOPICS, topicText } from "./_topics.ts";

test("each phrase of the topic on times has one reading", () => {
  const now = new Date("2026-11-25T12:00:00Z");
  const phrases = [...topicText("times").matchAll(/^ {2}(\S.*?) {2}/gm)].map(([, phrase = ""]) => phrase);
  expect(phrases.length).toBe(5);
  for (const phrase of phrases) expect(readTime(phrase, { zone: "Europe/Berlin", now })).toBeTruthy();
});

test("the environment's topic names every setting, and no stored value", () => {
  const text = topicText("environment");
  for (const { name } of settingDefaults()) expect(text).toContain(name);
  expect(TOPICS.map((topic) => topicText(topic).length > 200)).not.toContain(false);
});
