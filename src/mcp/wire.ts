/**
 * stdin and stdout as the wire of MCP. The SDK's own transport drops what it cannot read and, when stdin ends, what is still under way;
 * here each line is answered: a client that pipes its requests in gets its answers, and one that writes no JSON-RPC is told so.
 */
import { Transform, type TransformCallback } from "node:stream";
import {
  INVALID_REQUEST,
  isJSONRPCErrorResponse,
  isJSONRPCNotification,
  isJSONRPCRequest,
  isJSONRPCResultResponse,
  type JSONRPCMessage,
  PARSE_ERROR,
  parseJSONRPCMessage,
  type RequestId,
  STDIO_DEFAULT_MAX_BUFFER_SIZE,
} from "@modelcontextprotocol/server";
import { StdioServerTransport } from "@modelcontextprotocol/server/stdio";
import { Lines } from "./lines.ts";

/** How long requests that are under way when stdin ends may take. What is cut off then goes on like after any stop. */
const ANSWERS_MS_MAX = 120_000;

/** The transport, whose input ends when stdin has ended and every request is answered. */
export class Wire extends StdioServerTransport {
  readonly #underWay: UnderWay;
  readonly #input: Requests;

  constructor() {
    const underWay = new UnderWay();
    const input = new Requests(underWay, (message) => process.stdout.write(`${JSON.stringify(message)}\n`));
    super(input, process.stdout);
    this.#underWay = underWay;
    this.#input = input;
    // The transport tells of it, while it listens.
    input.on("error", () => {});
    process.stdin.on("error", (error) => input.destroy(error)).pipe(input);
  }

  /** Resolves when no more requests come and all are answered, or when stdin broke off. */
  async ended(): Promise<void> {
    if (this.#input.readableEnded || this.#input.destroyed) return;
    await new Promise<void>((resolve) => {
      this.#input.once("end", resolve);
      this.#input.once("close", resolve);
    });
  }

  override async send(message: JSONRPCMessage): Promise<void> {
    await super.send(message);
    if (isJSONRPCResultResponse(message) || isJSONRPCErrorResponse(message)) this.#underWay.settle(message.id);
  }
}

// --- internal ---

/** The requests that have no answer yet. */
class UnderWay {
  readonly #ids = new Set<RequestId>();
  #onEmpty: (() => void) | null = null;

  note(message: JSONRPCMessage): void {
    // A subscription has no end, and a request that is called off no answer.
    if (isJSONRPCRequest(message) && message.method !== "subscriptions/listen") this.#ids.add(message.id);
    if (isJSONRPCNotification(message) && message.method === "notifications/cancelled")
      this.settle(message.params?.requestId as RequestId | undefined);
  }

  settle(id: RequestId | undefined): void {
    if (id !== undefined) this.#ids.delete(id);
    if (this.#ids.size === 0) this.#tell();
  }

  /** They have had their time. */
  settleAll(): void {
    this.#ids.clear();
    this.#tell();
  }

  /** `then` once, now or later. */
  whenEmpty(then: () => void): void {
    this.#onEmpty = then;
    if (this.#ids.size === 0) this.#tell();
  }

  #tell(): void {
    const then = this.#onEmpty;
    this.#onEmpty = null;
    then?.();
  }
}

/** Lets whole messages through, answers what is none, and holds the end back while a request is under way. */
class Requests extends Transform {
  readonly #underWay: UnderWay;
  readonly #answer: (message: object) => void;
  readonly #lines = new Lines(STDIO_DEFAULT_MAX_BUFFER_SIZE);

  constructor(underWay: UnderWay, answer: (message: object) => void) {
    super();
    this.#underWay = underWay;
    this.#answer = answer;
  }

  override _transform(chunk: Buffer, _encoding: BufferEncoding, done: TransformCallback): void {
    for (const line of this.#lines.add(chunk)) this.#take(line);
    done(this.#lines.isTooLong ? new Error("A message on stdin is longer than 10 MB.") : null);
  }

  override _flush(done: TransformCallback): void {
    // A last line without its line break.
    this.#take(this.#lines.rest());
    const timer = setTimeout(() => this.#underWay.settleAll(), ANSWERS_MS_MAX);
    this.#underWay.whenEmpty(() => {
      clearTimeout(timer);
      done();
    });
  }

  #take(line: string): void {
    const text = line.trim();
    if (text === "") return;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch {
      this.#refuse(null, PARSE_ERROR, "Parse error: a line on stdin is no JSON.");
      return;
    }
    try {
      this.#underWay.note(parseJSONRPCMessage(value));
    } catch {
      const { id } = (value ?? {}) as { id?: unknown };
      const known = typeof id === "string" || typeof id === "number" ? id : null;
      this.#refuse(known, INVALID_REQUEST, "Invalid Request: a line on stdin is no message of JSON-RPC 2.0.");
      return;
    }
    this.push(`${text}\n`);
  }

  #refuse(id: string | number | null, code: number, message: string): void {
    this.#answer({ jsonrpc: "2.0", id, error: { code, message } });
  }
}
