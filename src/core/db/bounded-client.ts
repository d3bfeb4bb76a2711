/** A client of Postgres for a server that may be hostile: no answer uses up the memory of this process. */
import type { EventEmitter } from "node:events";
import type { Duplex } from "node:stream";
import pg from "pg";
import { PsnError } from "../errors.ts";

/** The largest answer is a few chunks of media, which are twice as long on the wire. */
const ANSWER_BYTES_MAX = 128 * 1024 * 1024;
/** Ten times the posts of the largest hub that was tried. A row of one byte takes hundreds in memory. */
const ANSWER_ROWS_MAX = 1_000_000;
/** No statement of ours makes more than a few. */
const ANSWER_NOTICES_MAX = 10_000;

/**
 * As pg's own. A connection whose server sends more than 128 MiB, a million rows or 10,000 notices before it is ready for
 * the next query is closed, and what waits for it fails with PsnError HUB_UNREACHABLE.
 */
export class BoundedClient extends pg.Client {
  constructor(config?: string | pg.ClientConfig) {
    super(config);
    // Without a home its password file would be one of the current folder.
    if (this.password === null && !process.env.HOME && !process.env.PGPASSFILE) this.password = "";
    // pg has no other place to see an answer before it is whole.
    const { connection } = this as unknown as { connection: EventEmitter & { stream: Duplex; ssl: unknown } };
    let bytes = 0;
    let rows = 0;
    let notices = 0;
    const check = () => {
      if (bytes > ANSWER_BYTES_MAX || rows > ANSWER_ROWS_MAX || notices > ANSWER_NOTICES_MAX)
        connection.stream.destroy(flooded());
    };
    const watch = () =>
      connection.stream.on("data", (chunk: Uint8Array) => {
        bytes += chunk.length;
        check();
      });
    connection.once("connect", () => {
      if (!connection.ssl) watch();
    });
    connection.once("sslconnect", watch);
    connection.on("dataRow", () => {
      rows += 1;
      check();
    });
    connection.on("notice", () => {
      notices += 1;
      check();
    });
    connection.on("readyForQuery", () => {
      bytes = 0;
      rows = 0;
      notices = 0;
    });
  }
}

// --- internal ---

function flooded(): PsnError {
  return new PsnError("HUB_UNREACHABLE", "The hub's server answers without an end, so the connection was closed.", {
    hint: "Look at what runs behind DATABASE_URL: it does not answer as a Postgres with a hub does.",
    details: { bytesMax: ANSWER_BYTES_MAX, rowsMax: ANSWER_ROWS_MAX },
  });
}
