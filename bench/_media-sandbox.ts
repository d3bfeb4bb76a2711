/** A process of `bench/media`: the sandbox, so that what X does takes neither time nor memory of the process that is measured. */
import { startSandbox } from "../src/sandbox/server.ts";

const { SETTINGS = "{}" } = process.env;
const { url, sandbox } = await startSandbox({ settings: JSON.parse(SETTINGS) });
const handle = "bench_author";
const { id } = sandbox.addUser({ handle });
process.stdout.write(
  `${JSON.stringify({ url, id, handle, pipeline: sandbox.signIn(handle), bare: sandbox.signIn(handle) })}\n`,
);
// It ends with its parent.
process.stdin.on("end", () => process.exit(0)).resume();
