/** A pair of tokens as the hub holds it: each in an envelope bound to its row and column. */
import type { TokenSet } from "../platform.ts";
import { type EncryptionKey, encrypt } from "../utils/crypto.ts";

/** The place an envelope is bound to; an envelope in another row or column does not open. */
export function tokenPlace(tokenId: string, column: "access_token" | "refresh_token"): string {
  return `oauth_tokens/${tokenId}/${column}`;
}

/** The place of the verifier of a sign-in that was begun. */
export function flowPlace(state: string): string {
  return `oauth_flows/${state}/code_verifier`;
}

export interface SealedTokens {
  accessToken: string;
  refreshToken: string | null;
  expiresAt: Date;
  scopes: string[];
}

/** Seals a pair for storage under the row's id. Sign-in and refresh both do it here. */
export function sealTokens(tokenId: string, tokens: TokenSet, key: EncryptionKey): SealedTokens {
  const { accessToken, refreshToken, expiresAt, scopes } = tokens;
  return {
    accessToken: encrypt(accessToken, key, tokenPlace(tokenId, "access_token")),
    refreshToken: refreshToken === null ? null : encrypt(refreshToken, key, tokenPlace(tokenId, "refresh_token")),
    expiresAt,
    scopes,
  };
}
