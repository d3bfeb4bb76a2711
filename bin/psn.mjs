// The entry of the installed package; bin/psn finds Node or Bun and runs it. An old Node reads it too, so that it can be said in
// one line what is wrong.
const [major, minor] = process.versions.node.split(".").map(Number);
if (!process.versions.bun && (major < 22 || (major === 22 && minor < 18))) {
  const message = `PSN needs Node 22.18 or newer, or Bun 1.3; this is Node ${process.versions.node}.`;
  const hint = "Install a newer Node (https://nodejs.org), then try again.";
  if (process.argv.includes("--json") || !process.stdout.isTTY) {
    process.stdout.write(`${JSON.stringify({ outcome: "error", error: { code: "NODE_TOO_OLD", message, hint } })}\n`);
  } else {
    process.stderr.write(`error NODE_TOO_OLD  ${message} ${hint}\n`);
  }
  process.exitCode = 8;
} else {
  // The list of commands is a file of its own, since a program that only asks what there is waits for nothing else.
  const [word = "--help", ...more] = process.argv.slice(2);
  const isList = more.length === 0 && ["--help", "-h", "help", "--version", "-V"].includes(word);
  await import(isList ? "../dist/list.js" : "../dist/main.js");
}
