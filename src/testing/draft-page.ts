/** A page that the command line serves, for tests: opened by its key, read and sent to as a browser does. */
import type { Env } from "../core/config/env-file.ts";
import { startPsn, type TestHome } from "./cli.ts";
import { until } from "./wait.ts";

export interface Got {
  status: number;
  text: string;
  type: string;
}

export interface OpenPage {
  /** As it was printed, with its key. */
  url: string;
  origin: string;
  /** The page itself; the paths below are relative to it. */
  address: string;
  cookie: string;
  pid: number;
  get(path: string): Promise<Got>;
  /** A form of the page; redirects are followed, as a browser does. */
  send(path: string, fields: Record<string, string>): Promise<Got>;
  /** A button of the page as it is now. */
  act(act: string): Promise<Got>;
  /** Words for a tweet of the page as it is now, or as it was. */
  words(fields: { do: string; position: number; text: string; version?: number; was?: string }): Promise<Got>;
  attach(position: number, file: File, alt: string): Promise<Got>;
  nonceOf(markup: string): string;
  /** Waits until the page says something. */
  live(says: (text: string) => boolean): Promise<void>;
  /** Everything that the command has printed. */
  log(): string;
  close(): Promise<void>;
}

/** Runs a command that serves a page until `close`. */
export async function openPage(
  home: TestHome,
  args: string[],
  {
    env = home.env,
    keyFrom,
  }: {
    env?: Env /** Where the address with the key is, when it is not printed. */;
    keyFrom?: () => Promise<string>;
  } = {},
): Promise<OpenPage> {
  const program = startPsn(args, { env, cwd: home.folder });
  const urlIn = async () => (keyFrom ? await keyFrom() : (/"pageUrl":"([^"]+)"/.exec(program.log())?.[1] ?? ""));
  await until(async () => (await urlIn()) !== "");
  const url = await urlIn();
  const { origin } = new URL(url);
  const address = new URL(".", url).href;
  const letIn = await fetch(url, { redirect: "manual" });
  const cookie = (letIn.headers.get("set-cookie") ?? "").split(";")[0] ?? "";
  const got = async (answer: Response): Promise<Got> => {
    const location = answer.headers.get("location");
    if (location !== null) return await get(new URL(location, answer.url).href);
    return { status: answer.status, text: await answer.text(), type: answer.headers.get("content-type") ?? "" };
  };
  const get = async (path: string): Promise<Got> =>
    await got(await fetch(new URL(path, address), { headers: { cookie }, redirect: "manual" }));
  const post = async (path: string, body: URLSearchParams | FormData): Promise<Got> =>
    await got(
      await fetch(new URL(path, address), { method: "POST", body, headers: { cookie, origin }, redirect: "manual" }),
    );
  const send = (path: string, fields: Record<string, string>) => post(path, new URLSearchParams(fields));
  const versionOf = (markup: string) => /name="version" value="(\d+)"/.exec(markup)?.[1] ?? "0";
  return {
    url,
    origin,
    address,
    cookie,
    pid: program.pid,
    get,
    send,
    act: async (act) => await send("act", { version: versionOf((await get("./")).text), act }),
    words: async ({ position, version, was = "", ...fields }) =>
      await send("words", {
        ...fields,
        was,
        position: String(position),
        version: version === undefined ? versionOf((await get("./")).text) : String(version),
      }),
    attach: async (position, file, alt) => {
      const form = new FormData();
      const fields = {
        do: "attach",
        position: String(position),
        version: versionOf((await get("./")).text),
        was: "",
        alt,
      };
      for (const [name, value] of Object.entries(fields)) form.set(name, value);
      form.set("file", file);
      return await post("media", form);
    },
    nonceOf: (markup) => /name="nonce" value="([^"]+)"/.exec(markup)?.[1] ?? "",
    live: async (says) => {
      await until(async () => says((await get("./")).text));
    },
    log: program.log,
    close: async () => {
      await program.stop();
    },
  };
}
