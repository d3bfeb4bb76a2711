-- Tweets that their author takes down at X, and the files that posts are bound to. Workers of the version before go on: they write
-- neither. Posts first, as workers lock them.
lock table psn.posts in exclusive mode;
--> statement-breakpoint
-- By the hub's clock: X has said that it is gone.
alter table psn.posts add column if not exists deleted_at timestamptz;
--> statement-breakpoint
-- What is to be taken down, a row a tweet: written before X is asked, so that a crash leaves the rest to be gone on with.
create table psn.deletions (
  tweet_id text primary key,
  root_id text not null,
  external_post_id text not null,
  wanted_at timestamptz not null,
  wanted_by text not null,
  -- Committed before the request is sent; without an outcome X may have carried it out.
  started_at timestamptz,
  tries integer not null default 0,
  outcome text check (outcome in ('deleted', 'gone')),
  answered_at timestamptz,
  detail text,
  http_status integer,
  transaction_id text
);
--> statement-breakpoint
create index deletions_root on psn.deletions (root_id);
--> statement-breakpoint
create index posts_unpublishing on psn.posts (updated_at) where sub_status = 'unpublishing';
--> statement-breakpoint
-- The same table as src/core/post/transitions.ts; a test compares the two. Null stands for every other sub-status.
create function psn.unpublishing_is_legal(from_sub text, to_sub text) returns boolean
language sql
immutable
as $$
  select from_sub is not distinct from to_sub
    or (coalesce(from_sub, ''), coalesce(to_sub, '')) in (
      ('', 'unpublishing'),
      ('unpublishing', 'partly_unpublished'),
      ('unpublishing', 'unpublished'),
      ('partly_unpublished', 'unpublishing'),
      ('unpublished', 'unpublishing')
    )
$$;
--> statement-breakpoint
create function psn.unpublishing_of(sub_status text) returns text
language sql
immutable
as $$
  select case when sub_status in ('unpublishing', 'partly_unpublished', 'unpublished') then sub_status end
$$;
--> statement-breakpoint
create function psn.guard_unpublishing() returns trigger
language plpgsql
as $$
begin
  if old.deleted_at is distinct from new.deleted_at and (
    old.deleted_at is not null
    or not exists (
      select
      from psn.deletions as deletion
      where deletion.tweet_id = new.id
        and deletion.external_post_id = new.external_post_id
        and deletion.outcome is not null
    )
  ) then
    raise exception 'post %: a tweet is deleted once, and only when X has said so', old.id using errcode = 'PSN01';
  end if;
  if psn.unpublishing_of(old.sub_status) is not null and new.status is distinct from old.status then
    raise exception 'post %: what is taken down does not go out any more', old.id using errcode = 'PSN01';
  end if;
  if not psn.unpublishing_is_legal(psn.unpublishing_of(old.sub_status), psn.unpublishing_of(new.sub_status)) then
    raise exception 'post %: no way leads from % to %', old.id, old.sub_status, new.sub_status using errcode = 'PSN01';
  end if;
  if new.sub_status = 'unpublishing' and new.status not in ('published', 'failed', 'draft') then
    raise exception 'post %: a post that is % is not taken down', old.id, new.status using errcode = 'PSN01';
  end if;
  return new;
end
$$;
--> statement-breakpoint
create trigger guard_posts_unpublishing
before update on psn.posts
for each row
when (
  old.deleted_at is distinct from new.deleted_at
  or psn.unpublishing_of(old.sub_status) is distinct from psn.unpublishing_of(new.sub_status)
  or (psn.unpublishing_of(old.sub_status) is not null and old.status is distinct from new.status)
)
execute function psn.guard_unpublishing();
--> statement-breakpoint
create function psn.guard_deletions() returns trigger
language plpgsql
as $$
begin
  if tg_op = 'INSERT' then
    if not exists (
      select
      from psn.posts as tweet
      where tweet.id = new.tweet_id
        and tweet.external_post_id = new.external_post_id
        and coalesce(tweet.parent_post_id, tweet.id) = new.root_id
    ) then
      raise exception 'tweet %: only what is on X is taken down', new.tweet_id using errcode = 'PSN01';
    end if;
    return new;
  end if;
  if old.outcome is not null and new.outcome is distinct from old.outcome then
    raise exception 'tweet %: it is %, and stays so', old.tweet_id, old.outcome using errcode = 'PSN01';
  end if;
  if new.outcome is not null and new.started_at is null then
    raise exception 'tweet %: a deletion is written before it is asked for', old.tweet_id using errcode = 'PSN01';
  end if;
  return new;
end
$$;
--> statement-breakpoint
create trigger guard_deletions
before insert or update on psn.deletions
for each row execute function psn.guard_deletions();
--> statement-breakpoint
-- Which file of a folder is which post, and what both were when they last agreed.
create table psn.synced_files (
  post_id text primary key references psn.posts (id) on delete cascade,
  folder text not null,
  path text not null,
  fingerprint text not null,
  content_version integer not null,
  synced_at timestamptz not null
);
--> statement-breakpoint
create index synced_files_folder on psn.synced_files (folder, path);
