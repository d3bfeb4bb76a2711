/** What every command takes and answers, as the file schemas.json of the package: `psn schema --all` for who does not want to run it. */
import { ErrorOnlySchema, jsonSchemaOf } from "../src/cli/_answer.ts";
import { EXIT_MEANINGS, errorTable } from "../src/cli/_errors.ts";
import { describe } from "../src/cli/_help.ts";
import { entries } from "../src/psn.ts";

/** One line a command, so that a change shows which. */
export async function schemasText(): Promise<string> {
  const commands: string[] = [];
  for (const entry of entries) commands.push(JSON.stringify(describe(entry, await entry.load())));
  const exitCodes = Object.fromEntries(EXIT_MEANINGS);
  return `{"exitCodes":${JSON.stringify(exitCodes)},
"errors":${JSON.stringify(errorTable())},
"error":${JSON.stringify(jsonSchemaOf(ErrorOnlySchema))},
"commands":[
${commands.join(",\n")}
]}
`;
}
