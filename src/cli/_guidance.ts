/** What a person does at X once, before PSN can post. Facts: developer portal and OAuth pages as of autumn 2026. */
import { X_DEFAULTS } from "../core/utils/env.ts";

/** Steps to an app id and secret. `redirectUri` is the callback to register, which must match exactly. */
export function xAppSteps(redirectUri: string = X_DEFAULTS.redirectUri): string[] {
  return [
    "Open https://console.x.com and sign in with the X account that will own the app.",
    "Create an app (or open yours) and put it in the Pay-per-use package, Production environment.",
    "User authentication settings → Set up: permissions Read and write; type Web App, Automated App or Bot (a Native App gets no secret).",
    `Callback URL: ${redirectUri} (exactly this; nothing has to run there). Website: any https address of yours.`,
    "Save, then copy the OAuth 2.0 Client ID and Client Secret. The secret is shown once.",
    "Buy credits under Billing: a post costs $0.015, with a link $0.20. Set a spending limit you are at ease with.",
  ];
}
