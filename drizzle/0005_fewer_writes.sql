-- Workers go on meanwhile. They lock a post before its history, so what follows must not begin with the history.
lock table psn.posts, psn.post_events, psn.publish_attempts, psn.oauth_tokens in access exclusive mode;
--> statement-breakpoint
-- The hub's clock without a function call for each use: Postgres inlines it, since all of its parts are stable. It is the
-- time at which the statement came, so what waits for a lock is judged by the time before its wait.
create or replace function psn.now() returns timestamptz
language sql
stable
as $$
  select coalesce(nullif(current_setting('psn.now', true), '')::timestamptz, statement_timestamp())
$$;
--> statement-breakpoint
-- The time after the wait, where something begins with it: a lease that was waited for would have run out already.
create function psn.clock() returns timestamptz
language sql
volatile
as $$
  select coalesce(nullif(current_setting('psn.now', true), '')::timestamptz, clock_timestamp())
$$;
--> statement-breakpoint
-- Indexes that every publish wrote and few questions need: fewer of them, or of fewer rows.
alter table psn.post_events drop constraint post_events_pkey;
--> statement-breakpoint
alter table psn.post_events add constraint post_events_post_id_id_pk primary key (post_id, id);
--> statement-breakpoint
drop index psn.post_events_post;
--> statement-breakpoint
create index posts_account_active on psn.posts (account_id, status)
where status in ('scheduled', 'publishing', 'retry');
--> statement-breakpoint
drop index psn.posts_account_status;
--> statement-breakpoint
-- What went out is found by its time.
drop index psn.posts_approved;
--> statement-breakpoint
create index posts_approved on psn.posts (account_id, approved_hash)
where approved_hash is not null and external_post_id is null;
--> statement-breakpoint
drop index psn.publish_attempts_one_open;
--> statement-breakpoint
create unique index publish_attempts_one_open on psn.publish_attempts (root_id, post_id) where outcome is null;
--> statement-breakpoint
drop index psn.publish_attempts_root;
--> statement-breakpoint
-- Found by the account alone.
drop index psn.oauth_tokens_account;
--> statement-breakpoint
create unique index oauth_tokens_account on psn.oauth_tokens (account_id, user_id, platform);
--> statement-breakpoint
-- The rule that a post is published only when every tweet has an id, asked of the other tweets alone: the post's own id is
-- seen by the condition. The function of 0001 asked for both in one question, which took three times as long.
create function psn.guard_published() returns trigger
language plpgsql
as $$
begin
  if exists (
    select
    from psn.posts as tweet
    where tweet.parent_post_id = new.id
      and tweet.external_post_id is null
  ) then
    raise exception 'post %: published only when every tweet has an id', old.id using errcode = 'PSN01';
  end if;
  return new;
end
$$;
--> statement-breakpoint
drop trigger guard_posts_change on psn.posts;
--> statement-breakpoint
create trigger guard_posts_change
before update on psn.posts
for each row
when (
  (old.status is not null and not psn.transition_is_legal(old.status, new.status))
  or (
    old.external_post_id is not null
    and (
      new.external_post_id is distinct from old.external_post_id
      or new.content <> old.content
      or new.thread_position <> old.thread_position
    )
  )
  or (new.status = 'published' and old.status <> 'published' and new.external_post_id is null)
)
execute function psn.guard_posts();
--> statement-breakpoint
create trigger guard_posts_published
before update on psn.posts
for each row
when (new.status = 'published' and old.status <> 'published' and new.external_post_id is not null)
execute function psn.guard_published();
--> statement-breakpoint
-- Which own posts were known before a request was written is asked when it has to be looked for, and not at every send.
-- `since_id`, which said it, stays for workers of the version before; a later migration may drop it.
alter table psn.publish_attempts add column record_number bigint;
