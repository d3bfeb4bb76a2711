/** The endpoints that have a rate limit of their own at X, by the names of X's table. */
export type XEndpoint =
  | "POST /2/tweets"
  | "DELETE /2/tweets/:id"
  | "GET /2/tweets"
  | "GET /2/users/me"
  | "GET /2/users/:id/tweets"
  | "POST /2/media/upload"
  | "GET /2/media/upload"
  | "POST /2/media/upload/initialize"
  | "POST /2/media/upload/:id/append"
  | "POST /2/media/upload/:id/finalize"
  | "POST /2/media/metadata"
  | "POST /2/media/subtitles";
