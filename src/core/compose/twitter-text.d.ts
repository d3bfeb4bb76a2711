/**
 * What tests and benchmarks use of twitter-text 3.1.0, which ships no types. Nothing else may import it: its counting
 * is only the reference.
 */
declare module "twitter-text" {
  const library: {
    parseTweet(text: string): { weightedLength: number; valid: boolean; permillage: number };
    extractUrls(text: string): string[];
    extractMentions(text: string): string[];
    extractCashtags(text: string): string[];
  };
  export default library;
}

declare module "twitter-text/dist/regexp/*" {
  const pattern: RegExp;
  export default pattern;
}

declare module "twemoji-parser" {
  export function parse(text: string): { indices: [number, number]; text: string }[];
}
