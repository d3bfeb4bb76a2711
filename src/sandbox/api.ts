/** One API request from bearer to answer: who asks, may they, is there room, is it paid for; then the endpoint. */
import type { Call } from "./call.ts";
import { takeFromLimits } from "./limits.ts";
import { appOfBearer, findAccessToken } from "./oauth-tokens.ts";
import {
  creditsDepleted,
  forbidden,
  invalidRequest,
  locked,
  notEnrolled,
  notFound,
  notPermitted,
  spendCapReached,
  suspended,
  tooManyRequests,
  unauthorized,
  unsupportedAuthentication,
} from "./problems.ts";
import { endpointOf, findRoute, type Route } from "./routes.ts";
import type { SandboxApp, SandboxUser, World } from "./state.ts";
import type { SandboxRequest, SandboxResponse } from "./types.ts";

export interface Caller {
  app: SandboxApp;
  user: SandboxUser | null;
  scopes: string[];
}

/** The user a bearer speaks for, or null for none, unknown, expired or revoked. */
export function callerOf(world: World, request: SandboxRequest): Caller | null {
  const bearer = /^Bearer\s+(\S{1,500})\s*$/i.exec(request.headers.authorization ?? "")?.[1];
  if (bearer === undefined) return null;
  const token = findAccessToken(world, bearer);
  if (token === undefined) {
    const app = appOfBearer(world, bearer);
    return app === undefined ? null : { app, user: null, scopes: [] };
  }
  const app = world.state.apps[token.clientId];
  const user = world.state.users[token.userId];
  return app === undefined || user === undefined ? null : { app, user, scopes: token.scopes };
}

/** Side effects of faults that an endpoint plays itself. */
export interface SideEffects {
  timelineLagMs: number;
  timelineHasGap: boolean;
  processingFails: boolean;
}

function judgeCaller(world: World, route: Route, caller: Caller): SandboxResponse | null {
  const { dialect } = world.state.settings;
  const { app, user, scopes } = caller;
  if (!app.enrolled) return notEnrolled(dialect, app.clientId);
  if (user === null) return route.token === "user" ? unsupportedAuthentication(dialect) : null;
  if (route.token === "app") return unsupportedAuthentication(dialect);
  if (user.suspended) return suspended(dialect);
  if (user.locked && route.write) return locked();
  return route.scopes.every((scope) => scopes.includes(scope)) ? null : notPermitted();
}

/** Answers one request under `/2/`, rate headers included. */
export function answerApi(
  world: World,
  request: SandboxRequest,
  caller: Caller | null,
  effects: SideEffects,
): SandboxResponse {
  const found = findRoute(request.method, request.path);
  if (found === null) return notFound();
  const { route, id } = found;
  if (caller === null) return unauthorized();
  const refusal = judgeCaller(world, route, caller);
  if (refusal !== null) return refusal;
  const { app, user } = caller;
  const { allowed, headers } = takeFromLimits(world, endpointOf(route), app, user);
  const answer = allowed ? answerAllowed(world, request, route, id, caller, effects) : tooManyRequests();
  return { ...answer, headers: { ...answer.headers, ...headers } };
}

function answerAllowed(
  world: World,
  request: SandboxRequest,
  route: Route,
  id: string,
  caller: Caller,
  effects: SideEffects,
): SandboxResponse {
  const { dialect } = world.state.settings;
  const { app, user } = caller;
  if (app.spendCapReached) return spendCapReached(dialect, app.accountId);
  if (app.balanceMicros <= 0) return creditsDepleted(dialect, app.accountId);
  if (route.pattern.includes(":id") && !/^[0-9]{1,19}$/.test(id)) {
    const message = `The \`id\` query parameter value [${id}] is not valid`;
    return invalidRequest(dialect, [{ parameters: { id: [id] }, message }]);
  }
  const call: Call = { world, request, app, user, id, dialect, ...effects };
  if (route.token !== "user") return route.answer(call);
  // judgeCaller has refused everyone without a user; this says it to the compiler.
  return user === null ? forbidden("A user is required.") : route.answer({ ...call, user });
}
