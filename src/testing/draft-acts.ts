/** The acts that change a draft, one after another, for tests of what each command answers. */

/** @param draft the id of one of two tweets, the first of two sentences: "A draft. It has two sentences."; `picture.png` lies in its folder */
export const actsOnDraft = (draft: string): string[][] => [
  ["post", "split", draft, "1", "--before", "It has"],
  ["post", "join", draft, "1"],
  ["post", "move", draft, "1", "--by=-1", "--unit", "word"],
  ["post", "text", draft, "1", "Other."],
  ["post", "insert", draft, "2", "Between."],
  ["post", "remove", draft, "2"],
  ["post", "reorder", draft, "2", "1"],
  ["post", "attach", draft, "1", "picture.png"],
];
