/** Scenario 45: the pasted address of a sign-in, as people and programs bring it. No wrong code is ever taken. */
import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { PsnError } from "../../core/errors.ts";
import { parseRedirect } from "./redirect.ts";

const X_CODE = "VGNibzFWSWREZm01bjN1N3dicWlNUG1oa2xRRVNNdmVHelJGY2hPWGxNd2dxOjE2MjIxNjA4MjU4MjU6MToxOmFjOjE";
const SANDBOX_CODE = `sbx_code_${"aB3".repeat(13)}x`;
const STATE = "qFZ0k1lqD7w-2QvXr8sT_uYbN4mJh6GpEeRc3Ws9Aio";
const HOST = "http://127.0.0.1:8976/callback";

describe.each([
  ["X's code", X_CODE],
  ["the sandbox's code", SANDBOX_CODE],
])("scenario 45, %s", (_, code) => {
  const both = { kind: "code" as const, code, state: STATE };
  const address = `${HOST}?state=${STATE}&code=${code}`;
  const cut = (text: string, width: number, glue = "\n") =>
    text.match(new RegExp(`.{1,${width}}`, "g"))?.join(glue) ?? "";
  test.each([
    ["as it is", address],
    ["in the other order", `${HOST}?code=${code}&state=${STATE}`],
    ["&amp;", address.replaceAll("&", "&amp;")],
    ["&amp;amp;", address.replaceAll("&", "&amp;amp;")],
    ["#state=…", `${HOST}?code=${code}#state=${STATE}`],
    ["all behind #", `${HOST}#state=${STATE}&code=${code}`],
    ["#_=_", `${address}#_=_`],
    ["percent-encoded", encodeURIComponent(address)],
    ["percent-encoded twice", encodeURIComponent(encodeURIComponent(address))],
    ["in another address", `https://l.example.com/?u=${encodeURIComponent(address)}`],
    ["in angle brackets", `<${address}>`],
    ["in quotes", `“${address}”`],
    ["in backticks", `\`${address}\``],
    ["a Markdown link", `[the address](${address})`],
    ["a Markdown link that shows itself", `[${address}](${address})`],
    ["HTML", `<a href="${address.replaceAll("&", "&amp;")}">here</a>`],
    ["words around it", `Here it is: ${address} thanks!`],
    ["a sentence", `It led me to ${address}.`],
    ["words on the lines around it", `Here it is:\n${address}\nThanks a lot!`],
    ["a word on the next line", `${address}\nthanks`],
    ["in brackets, and a word on the next line", `Here it is: <${address}>\nthanks`],
    ["in brackets of another kind, and words on the next line", `See (${address}).\nThat is all`],
    ["in quotes, and a code-like word on the next line", `“${address}”\nabc123`],
    ["twice", `${address}\n${address}`],
    ["cut by tmux", cut(address, 80)],
    ["cut by a narrow tmux", cut(address, 38)],
    ["cut, with the borders of a pane", cut(address, 60, "│\n│")],
    ["cut and quoted by a mail client", `> ${cut(address, 70, "\n> ")}`],
    ["cut, with words before and after", `The address is\n${cut(address, 80)}\n\nThank you very much`],
    ["cut by blanks", cut(address, 50, " ")],
    ["cut by blanks, with words before and after", `Here it is: ${cut(address, 70, " ")} thanks a lot`],
    ["cut behind code=", address.replace("code=", "code= ")],
    ["with invisible characters", `\u200b${address.slice(0, 30)}\u200b${address.slice(30)}\ufeff`],
  ])("%s", (_name, pasted) => {
    expect(parseRedirect(pasted)).toEqual(both);
  });

  test("cut anywhere, by a blank or a line break, it is read whole or not at all", () => {
    for (const whole of [address, `${HOST}?code=${code}&state=${STATE}`]) {
      for (const glue of [" ", "\n", " \r\n  "]) {
        for (let at = 1; at < whole.length; at++) {
          expect(parseRedirect(whole.slice(0, at) + glue + whole.slice(at))).toEqual(both);
        }
      }
    }
  });

  test.each([
    ["alone", code],
    ["in quotes", `"${code}"`],
    ["after a word", `code: ${code}`],
    ["in a sentence", `The code is ${code}, I think.`],
    ["cut in lines", cut(code, 30)],
    ["cut by a blank", cut(code, 60, " ")],
  ])("the code %s", (_name, pasted) => {
    expect(parseRedirect(pasted)).toEqual({ kind: "code", code, state: null });
  });
});

function refusal(pasted: string): string {
  try {
    parseRedirect(pasted);
  } catch (error) {
    if (error instanceof PsnError && error.code === "OAUTH_PASTE_UNREADABLE") return error.message;
    throw error;
  }
  throw new Error("it was taken");
}

test("scenario 45: two addresses are refused with both hosts", () => {
  const other = `https://example.com/callback?state=${STATE}&code=another-code-0123456789`;
  const address = `${HOST}?state=${STATE}&code=${X_CODE}`;
  for (const between of [" ", "\n", ""]) {
    const said = refusal(address + between + other);
    expect(said).toContain("127.0.0.1:8976");
    expect(said).toContain("example.com");
    expect(said).not.toContain(X_CODE);
  }
});

test("scenario 45: a code of an unknown kind that words may belong to is not spent", () => {
  const address = `${HOST}?state=${STATE}&code=Zx81-unknown-kind-0042`;
  expect(refusal(`${address}\nthanks`)).toContain("one line");
  expect(refusal(`${address}\n7b2 and so on`)).toContain("one line");
  expect(parseRedirect(`${address} thanks`)).toMatchObject({ code: "Zx81-unknown-kind-0042" });
});

test("scenario 45: an address whose code is too short says so, and one without a code, too", () => {
  expect(refusal(`${HOST}?state=${STATE}&code=abc`)).toContain("too short");
  expect(refusal(`${HOST}?state=${STATE}`)).toContain("holds no code");
  expect(refusal(HOST)).toContain("holds no code");
  expect(refusal("I do not know what to paste here")).toContain("neither a code nor an address");
});

test("scenario 45: whatever stands around an address, its own code is read or none", () => {
  const noise = fc.string({ maxLength: 20, unit: fc.constantFrom(..."abz AZ09\n\t.,!>|()[]\"'`<*_#") });
  const address = `${HOST}?state=${STATE}&code=${X_CODE}`;
  fc.assert(
    fc.property(noise, noise, (before, after) => {
      try {
        const redirect = parseRedirect(`${before}\n${address} ${after}`);
        expect(redirect).toMatchObject({ code: X_CODE, state: STATE });
      } catch (error) {
        if (!(error instanceof PsnError)) throw error;
      }
    }),
    { numRuns: 2_000 },
  );
});
