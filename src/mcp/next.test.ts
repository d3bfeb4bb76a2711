import { expect, test } from "bun:test";
import { nextSteps } from "../cli/_effects.ts";
import { entries } from "../psn.ts";
import { type ToolCommand, toolCallsIn } from "./next.ts";

/** Commands as tools that take all of their fields. */
async function toolsOf(...names: string[]): Promise<ToolCommand[]> {
  return await Promise.all(
    names.map(async (name) => {
      const command = (await entries.find((entry) => entry.name === name)?.load()) as ToolCommand["command"];
      const fields = [...Object.keys(command.input.shape).filter((field) => field !== "open"), "dryRun"];
      return { name, tool: name.replace(" ", "_"), fields, command };
    }),
  );
}

test("beside a command that is a tool stands its call: arguments by name, quotes taken off, what is to be filled in left out", async () => {
  const withCalls = toolCallsIn(await toolsOf("post show", "post text", "post schedule", "post create", "when"));
  const calls = (...commands: string[]) =>
    (withCalls({ error: { next: nextSteps(commands) } }) as { error: { next: { tool?: unknown }[] } }).error.next.map(
      ({ tool }) => tool,
    );
  expect(
    calls(
      "psn post show 7k3m2p",
      `psn post text 7k3m2p 2 "…"`,
      "psn post schedule 7k3m2p --at TIME",
      `psn when "tomorrow 9am"`,
      "psn post create --file 'it'\\''s.md' --dry-run",
    ),
  ).toEqual([
    { name: "post_show", arguments: { id: "7k3m2p" } },
    { name: "post_text", arguments: { id: "7k3m2p", tweet: 2 } },
    { name: "post_schedule", arguments: { id: "7k3m2p" } },
    { name: "when", arguments: { phrase: "tomorrow 9am" } },
    { name: "post_create", arguments: { file: "it's.md", dryRun: true } },
  ]);
  // What is no tool, what a tool does not take, and what is no line of the command stay as they are.
  expect(calls("psn setup", "psn post show 7k3m2p --open", "psn post show 7k3m2p --nonsense", "ls")).toEqual([
    undefined,
    undefined,
    undefined,
    undefined,
  ]);
});
