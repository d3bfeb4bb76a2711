/** A field that JSON gives twice is found wherever it stands; what only looks like one is none. */
import { expect, test } from "bun:test";
import fc from "fast-check";
import { duplicateKey } from "./_duplicate-key.ts";

test("a name that an object has twice is found, at any depth and however it is written", () => {
  const found: [text: string, name: string][] = [
    ['{"text":"a","text":"b"}', "text"],
    ['{"text":"a","text":"a"}', "text"],
    ['{ "text" : 1 ,\n\t"at":2, "text" : null}', "text"],
    ['{"text":"a","\\u0074ext":"b"}', "text"],
    ['{"a":{"b":1,"b":2}}', "b"],
    ['{"a":[{"b":1},{"c":{"d":1,"d":2}}]}', "d"],
    ['{"a":[1,{"b":[]}],"a":{}}', "a"],
    ['{"":1,"":2}', ""],
    ['{"__proto__":1,"__proto__":2}', "__proto__"],
    ['{"a\\"b":1,"a\\"b":2}', 'a"b'],
    ['{"a":"}","a":"{"}', "a"],
    ['{"a":{"a":1},"b":0,"a":2}', "a"],
    ['[{"x":1,"x":2}]', "x"],
    ['{"\u{1F600}":1,"\\ud83d\\ude00":2}', "\u{1F600}"],
  ];
  for (const [text, name] of found) expect([text, duplicateKey(text)]).toEqual([text, name]);
});

test("what only looks like it is none", () => {
  for (const text of [
    "{}",
    '{"a":1,"A":2,"a ":3}',
    '{"a":{"a":1},"b":{"a":2}}',
    '[{"a":1},{"a":2}]',
    '{"text":"{\\"a\\":1,\\"a\\":2}"}',
    '{"text":"a: b, a: c","at":"a"}',
    '{"a":"x\\\\","b":"\\\\\\"a\\\\"}',
    '{"a":["a","a","a"]}',
    '"a:a"',
    "null",
  ]) {
    JSON.parse(text);
    expect([text, duplicateKey(text)]).toEqual([text, null]);
  }
});

test("JSON that a program writes has none, and the same with a name added once more has one", () => {
  fc.assert(
    fc.property(fc.dictionary(fc.string(), fc.jsonValue(), { minKeys: 1 }), fc.nat(), (given, at) => {
      const text = JSON.stringify(given);
      expect(duplicateKey(text)).toBeNull();
      const names = Object.keys(given);
      const name = names[at % names.length] ?? "";
      expect(duplicateKey(`${text.slice(0, -1)},${JSON.stringify(name)}:0}`)).toBe(name);
    }),
  );
});
