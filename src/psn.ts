/** The command `psn`. bin/psn starts this file. */

import type { Command } from "./cli/_command.ts";
import { runMain } from "./cli/_main.ts";
import { accountDefaultCommand, accountListCommand, accountRemoveCommand } from "./cli/account.ts";
import { hubStartCommand, hubStatusCommand, hubStopCommand } from "./cli/hub.ts";
import { hubMoveCommand } from "./cli/hub-move.ts";
import { keysResetCommand, keysRotateCommand } from "./cli/keys.ts";
import { postCommands, topPreviewCommand } from "./cli/post.ts";
import { sandboxCommand } from "./cli/sandbox.ts";
import { setupCommand } from "./cli/setup.ts";
import { workerCommands } from "./cli/worker.ts";
import { demoCommand } from "./demo/command.ts";

const commands = [
  setupCommand,
  topPreviewCommand,
  ...postCommands,
  accountListCommand,
  accountDefaultCommand,
  accountRemoveCommand,
  keysRotateCommand,
  keysResetCommand,
  ...workerCommands,
  sandboxCommand,
  demoCommand,
  hubStatusCommand,
  hubStartCommand,
  hubStopCommand,
  hubMoveCommand,
] as unknown as Command[];

process.exitCode = await runMain(commands, process.argv.slice(2));
