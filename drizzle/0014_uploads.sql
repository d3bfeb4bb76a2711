-- How far an upload came, so that another run goes on there. Workers of the version before neither write nor read it.
-- Posts first, as workers lock them.
lock table psn.posts in exclusive mode;
--> statement-breakpoint
alter table psn.post_media add column if not exists upload jsonb;
--> statement-breakpoint
-- Media that are made ready before their post's time, without its lease. Without a reference, so that no busy worker is in the way.
create table if not exists psn.media_preparations (
  post_id text primary key,
  -- The version of the post's content that this is about; of another one it says nothing.
  content_version integer not null,
  owner text,
  -- Until then the owner is at it, by the hub's clock.
  owned_until timestamptz,
  -- Not again before.
  next_at timestamptz not null,
  tries integer not null default 0,
  -- What stops the post if nobody changes it; null while nothing does.
  code text,
  note text
);
