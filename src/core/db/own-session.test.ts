/** What a pooler that takes no transactions is told as; the others are met in test/security/pooler.test.ts. */
import { expect, test } from "bun:test";
import type pg from "pg";
import { sessionProof } from "./own-session.ts";

/** Two connections whose transactions are refused with this. */
function refusing(code: string, message: string): () => pg.Pool {
  const query = async (text: string) => {
    if (text === "begin") throw Object.assign(new Error(message), { code });
    return { rows: [{ pid: 7 }] };
  };
  const connect = async () => ({ query, release() {} });
  return () => ({ on() {}, connect, async end() {} }) as unknown as pg.Pool;
}

const first = { query: async () => ({ rows: [{ pid: 7 }] }), processID: 1 } as unknown as pg.ClientBase;
const proved = (code: string, message: string) => sessionProof("db.example/app", refusing(code, message))(first);

test("PgBouncer in its statement mode is a pooler that keeps no session, and no hub that does not answer", async () => {
  await expect(proved("08P01", "transaction blocks not allowed in statement pooling mode")).rejects.toMatchObject({
    code: "HUB_POOLED",
    message: expect.stringContaining("it takes no transactions"),
  });
});

test("what else refuses a transaction is told as it is", async () => {
  await expect(proved("08P01", "server login failed")).rejects.toMatchObject({ code: "08P01" });
  await expect(proved("57P01", "terminating connection")).rejects.toMatchObject({ code: "57P01" });
});
