/** The command `psn`. bin/psn starts this file. */

import type { Command } from "./_command.ts";
import { runMain } from "./_main.ts";
import { accountDefaultCommand, accountListCommand, accountRemoveCommand } from "./account.ts";
import { demoCommand } from "./demo.ts";
import { hubStartCommand, hubStatusCommand, hubStopCommand } from "./hub.ts";
import { hubMoveCommand } from "./hub-move.ts";
import { keysResetCommand, keysRotateCommand } from "./keys.ts";
import { postCommands, topPreviewCommand } from "./post.ts";
import { sandboxCommand } from "./sandbox.ts";
import { setupCommand } from "./setup.ts";
import { workerCommands } from "./worker.ts";

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
