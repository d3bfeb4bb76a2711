/**
 * Sentence ends against treebanks and other sets that have the true ones: how many of ours stand inside a sentence, and how many are missed.
 *
 * `bun bench/compose/sentence-ends.ts FOLDER [--show]`. Every file or folder in FOLDER is one set. A file is either CoNLL-U, as the treebanks
 * of Universal Dependencies are, of which `# text`, `newdoc` and `newpar` are read, or text with one sentence a line and a blank line between
 * paragraphs. The sentences of a paragraph are joined by spaces. A line without a mark at its end is a heading: its end is not asked for.
 *
 * The sets are not part of this repository: they are large, and under licences of their own.
 */
import { readdirSync, readFileSync, statSync } from "node:fs";
import { join } from "node:path";
import { findSentences } from "../../src/core/compose/sentences.ts";
import { sentenceStarts } from "../../src/core/compose/testing.ts";

interface Score {
  /** True ends inside paragraphs. */
  ends: number;
  found: number;
  /** Ends of ours inside a sentence: what a reader notices. */
  torn: number;
  /** Ends inside a quotation or brackets, which stay together as long as they fit into a tweet. */
  held: number;
  missed: number;
}

const UNSPACED_END = /[。！？」』）]$/u;
const MARK_AT_END = /[.!?…:;。！？।॥؟۔؛።፧។၊။\u0589\u037e][\p{P}\p{S}\s]*$/u;
const AROUND = 30;

const [folder, ...flags] = process.argv.slice(2);
if (folder === undefined)
  throw new Error("Say in which folder the sets are: bun bench/compose/sentence-ends.ts FOLDER [--show]");
const total = emptyScore();
say("set                        ends   torn  missed   held  precision  recall    F1");
for (const name of readdirSync(folder).sort()) {
  const score = emptyScore();
  for (const file of filesOf(join(folder, name))) {
    for (const sentences of paragraphsOf(file)) addParagraph(sentences, score, flags.includes("--show"));
  }
  print(name, score);
  for (const key of Object.keys(total) as (keyof Score)[]) total[key] += score[key];
}
print("all", total);

// --- internal ---

function say(line: string): void {
  process.stdout.write(`${line}\n`);
}

function emptyScore(): Score {
  return { ends: 0, found: 0, torn: 0, held: 0, missed: 0 };
}

function filesOf(path: string): string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .map((name) => join(path, name));
}

/** The paragraphs of a file, each with its sentences. */
function paragraphsOf(file: string): string[][] {
  const paragraphs: string[][] = [[]];
  const isTreebank = file.endsWith(".conllu");
  for (const line of readFileSync(file, "utf8").split(/\r?\n/)) {
    const sentence = (isTreebank ? (/^# text = (.*)$/.exec(line)?.[1] ?? "") : line).trim().normalize("NFC");
    if (sentence === "") {
      if (!isTreebank || /^# new(?:doc|par)\b/.test(line)) paragraphs.push([]);
      continue;
    }
    paragraphs.at(-1)?.push(sentence);
    if (!MARK_AT_END.test(sentence)) paragraphs.push([]);
  }
  return paragraphs.filter((sentences) => sentences.length > 0);
}

function addParagraph(sentences: readonly string[], score: Score, isShown: boolean): void {
  let text = "";
  const starts = new Set<number>();
  for (const sentence of sentences) {
    if (text !== "" && !UNSPACED_END.test(text)) text += " ";
    if (text !== "") starts.add(text.length);
    text += sentence;
  }
  const ours = new Set(sentenceStarts(text));
  const known = new Set(findSentences(text).starts);
  const show = (sign: string, start: number) => {
    if (isShown) say(`${sign} ${text.slice(Math.max(0, start - AROUND), start)}‖${text.slice(start, start + AROUND)}`);
  };
  for (const start of ours) {
    if (starts.has(start)) continue;
    score.torn++;
    show("+", start);
  }
  for (const start of starts) {
    score.ends++;
    if (ours.has(start)) score.found++;
    else if (known.has(start)) score.held++;
    else {
      score.missed++;
      show("-", start);
    }
  }
}

function print(name: string, { ends, found, torn, held, missed }: Score): void {
  const precision = found / Math.max(1, found + torn);
  const recall = found / Math.max(1, found + missed);
  const f1 = (2 * precision * recall) / Math.max(Number.EPSILON, precision + recall);
  const counts = [ends, torn, missed, held].map((count) => String(count).padStart(7)).join("");
  const shares = [precision, recall, f1].map((share) => `${(100 * share).toFixed(1)} %`.padStart(9)).join("");
  say(name.padEnd(24) + counts + shares);
}
