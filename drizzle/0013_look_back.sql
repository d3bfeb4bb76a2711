-- What X shows and this hub's record does not know: read once for an account after nothing ran, or after the hub was put
-- back, before the first send. Tables of their own and without references, so that no busy worker waits for this or is in its way.
create table psn.account_looks (
  account_id text primary key,
  -- Posts that were approved before this may be on X already.
  wanted_at timestamptz not null,
  -- From the first of them on, for the record itself is in doubt; else from the newest tweet that the record knows.
  is_thorough boolean not null,
  looked_at timestamptz
);
--> statement-breakpoint
create table psn.unknown_posts (
  account_id text not null,
  external_post_id text not null,
  text text not null,
  reply_to_id text,
  media_count integer not null,
  -- By X's clock; null where X does not say it.
  made_at timestamptz,
  primary key (account_id, external_post_id)
);
