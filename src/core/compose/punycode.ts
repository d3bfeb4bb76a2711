/** Length in code units of a domain label as DNS carries it (RFC 3492 with `xn--`), or more than `DNS_LABEL_MAX` when it is too long. */

export const DNS_LABEL_MAX = 63;

// RFC 3492, section 5.
const BASE = 36;
const THRESHOLD_MIN = 1;
const THRESHOLD_MAX = 26;
const SKEW = 38;
const DAMP = 700;
const INITIAL_BIAS = 72;
const INITIAL_CODE_POINT = 0x80;

/** Full stops of East Asian scripts part a label in two, each encoded by itself. */
const EAST_ASIAN_DOTS = /[。．｡]/;

export function dnsLabelLength(label: string): number {
  if (label.length > 2 * DNS_LABEL_MAX) return DNS_LABEL_MAX + 1;
  const parts = label.split(EAST_ASIAN_DOTS);
  return parts.reduce((sum, part) => sum + encodedLength(part), parts.length - 1);
}

function encodedLength(part: string): number {
  const codePoints = Array.from(part, (character) => character.codePointAt(0) ?? 0);
  const basicCount = codePoints.filter((codePoint) => codePoint < INITIAL_CODE_POINT).length;
  if (basicCount === codePoints.length) return part.length;

  let length = "xn--".length + basicCount + (basicCount > 0 ? 1 : 0);
  let handled = basicCount;
  let reached = INITIAL_CODE_POINT;
  let delta = 0;
  let bias = INITIAL_BIAS;
  while (handled < codePoints.length) {
    const next = Math.min(...codePoints.filter((codePoint) => codePoint >= reached));
    delta += (next - reached) * (handled + 1);
    reached = next;
    for (const codePoint of codePoints) {
      if (codePoint < reached) delta++;
      if (codePoint !== reached) continue;
      length += digitsOf(delta, bias);
      bias = adapt(delta, handled + 1, handled === basicCount);
      delta = 0;
      handled++;
    }
    delta++;
    reached++;
  }
  return length;
}

/** How many base-36 digits of variable weight `delta` takes. */
function digitsOf(delta: number, bias: number): number {
  let digits = 1;
  let rest = delta;
  for (let k = BASE; ; k += BASE) {
    const threshold = Math.max(THRESHOLD_MIN, Math.min(THRESHOLD_MAX, k - bias));
    if (rest < threshold) return digits;
    rest = Math.floor((rest - threshold) / (BASE - threshold));
    digits++;
  }
}

function adapt(delta: number, handled: number, first: boolean): number {
  let rest = first ? Math.floor(delta / DAMP) : delta >> 1;
  rest += Math.floor(rest / handled);
  let k = 0;
  for (; rest > ((BASE - THRESHOLD_MIN) * THRESHOLD_MAX) >> 1; k += BASE)
    rest = Math.floor(rest / (BASE - THRESHOLD_MIN));
  return k + Math.floor(((BASE - THRESHOLD_MIN + 1) * rest) / (rest + SKEW));
}
