/** How much a test does: enough to notice a mistake in `npm test`, all of it in `npm run proof`. */
export const isProof = process.env.PSN_PROOF === "1";

/** @returns `full` under `npm run proof`, otherwise `few` */
export const howMany = (few: number, full: number): number => (isProof ? full : few);
