/** What each tool says of itself, held against what its arguments can do. */
import { expect, test } from "bun:test";
import { nextStep } from "../cli/_effects.ts";
import { entries } from "../psn.ts";
import { annotationsOf, askedFirst } from "./annotations.ts";
import { TOOLS } from "./tools.ts";

const tools = await Promise.all(
  TOOLS.map(async (name) => {
    const command = await entries.find((entry) => entry.name === name)?.load();
    const fields = Object.entries(command?.input.shape ?? {}).filter(([, field]) => field.meta()?.terminal !== true);
    return { name, fields: fields.map(([field]) => field) };
  }),
);

test("a tool that can send with one of its arguments is destructive, reaches X, and says when the person is asked", () => {
  for (const { name, fields } of tools) {
    const given = ["", ...fields.map((field) => `--${field}`)].map((flag) => nextStep(`psn ${name} ID ${flag}`));
    const sends = given.some(({ effect, command }) => effect === "sends" || command.endsWith("--approve"));
    const { readOnlyHint, destructiveHint, openWorldHint } = annotationsOf(name, fields);
    if (sends) {
      expect([name, readOnlyHint, destructiveHint, openWorldHint]).toEqual([name, false, true, true]);
      expect(askedFirst(name, fields), name).toContain("Ask the person");
    } else {
      expect([name, openWorldHint]).toEqual([name, false]);
    }
    if (given.some(({ effect }) => effect !== "read")) expect([name, readOnlyHint]).toEqual([name, false]);
  }
});

/** With a key, or the same words, one that is made again is found; nothing that a client sees says so of every call. */
const MAKING = ["post create", "post reply"];

test("the tools of each kind, by name", () => {
  const named = (hint: keyof ReturnType<typeof annotationsOf>) =>
    tools.filter(({ name, fields }) => annotationsOf(name, fields)[hint]).map(({ name }) => name);
  const reading = [
    ...["status", "preview", "post show", "post list", "post failures", "spend", "limits show", "account list", "when"],
    "schema",
  ];
  expect(named("readOnlyHint")).toEqual(reading);
  expect(named("openWorldHint")).toEqual(named("destructiveHint").filter((name) => name !== "post cancel"));
  // An approval alone sends nothing.
  const harmless = [...reading, "post approve"];
  expect(named("destructiveHint")).toEqual(tools.map(({ name }) => name).filter((name) => !harmless.includes(name)));
  expect(named("idempotentHint").filter((name) => !reading.includes(name))).toEqual(
    tools.map(({ name }) => name).filter((name) => !reading.includes(name) && !MAKING.includes(name)),
  );
});
