/** Colours for a terminal, or none: NO_COLOR and pipes are honoured (https://no-color.org). */
export interface Paint {
  bold(text: string): string;
  dim(text: string): string;
  red(text: string): string;
  green(text: string): string;
  yellow(text: string): string;
  cyan(text: string): string;
}

const CODES = {
  bold: [1, 22],
  dim: [2, 22],
  red: [31, 39],
  green: [32, 39],
  yellow: [33, 39],
  cyan: [36, 39],
} as const;

export function makePaint(enabled: boolean): Paint {
  const wrap = (name: keyof typeof CODES) => (text: string) => {
    const [on, off] = CODES[name];
    return enabled ? `\x1b[${on}m${text}\x1b[${off}m` : text;
  };
  return {
    bold: wrap("bold"),
    dim: wrap("dim"),
    red: wrap("red"),
    green: wrap("green"),
    yellow: wrap("yellow"),
    cyan: wrap("cyan"),
  };
}
