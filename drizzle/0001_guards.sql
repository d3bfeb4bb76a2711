-- Rules that hold even against a bug in PSN. Each raises with errcode PSN01 and a message that names the rule.

-- The hub's clock decides leases and due times, so that machines with different clocks agree. A session may set
-- `psn.now`; only the simulation does, to own time.
create function psn.now() returns timestamptz
language sql
stable
as $$
  select coalesce(nullif(current_setting('psn.now', true), '')::timestamptz, clock_timestamp())
$$;
--> statement-breakpoint
-- The same table of transitions as src/core/publish/transitions.ts; a test compares the two.
create function psn.transition_is_legal(from_status text, to_status text) returns boolean
language sql
immutable
as $$
  select from_status = to_status
    or (from_status, to_status) in (
      ('draft', 'scheduled'),
      ('draft', 'publishing'),
      ('scheduled', 'draft'),
      ('scheduled', 'publishing'),
      ('scheduled', 'retry'),
      ('scheduled', 'failed'),
      ('publishing', 'published'),
      ('publishing', 'retry'),
      ('publishing', 'failed'),
      ('retry', 'publishing'),
      ('retry', 'draft'),
      ('retry', 'scheduled'),
      ('retry', 'failed'),
      ('failed', 'draft'),
      ('failed', 'scheduled'),
      ('failed', 'publishing'),
      ('failed', 'retry')
    )
$$;
--> statement-breakpoint
create function psn.guard_posts() returns trigger
language plpgsql
as $$
begin
  if tg_op = 'INSERT' then
    if new.parent_post_id is null and new.status <> 'draft' then
      raise exception 'post %: a post begins as draft, not as %', new.id, new.status using errcode = 'PSN01';
    end if;
    return new;
  end if;
  if tg_op = 'DELETE' then
    if old.external_post_id is not null then
      raise exception 'post %: a tweet that is on X keeps its row', old.id using errcode = 'PSN01';
    end if;
    return old;
  end if;
  if old.status is not null and not psn.transition_is_legal(old.status, new.status) then
    raise exception 'post %: no way leads from % to %', old.id, old.status, new.status using errcode = 'PSN01';
  end if;
  if old.external_post_id is not null then
    if new.external_post_id is distinct from old.external_post_id then
      raise exception 'post %: an id that X gave is never changed', old.id using errcode = 'PSN01';
    end if;
    if new.content <> old.content or new.thread_position <> old.thread_position then
      raise exception 'post %: a tweet that is on X is never edited', old.id using errcode = 'PSN01';
    end if;
  end if;
  if new.status = 'published' and old.status <> 'published' and exists (
    select 1
    from psn.posts as tweet
    where (tweet.parent_post_id = new.id and tweet.external_post_id is null)
      or (tweet.id = new.id and new.external_post_id is null)
  ) then
    raise exception 'post %: published only when every tweet has an id', old.id using errcode = 'PSN01';
  end if;
  return new;
end
$$;
--> statement-breakpoint
create trigger guard_posts
before insert or update or delete on psn.posts
for each row execute function psn.guard_posts();
--> statement-breakpoint
create function psn.guard_attempts() returns trigger
language plpgsql
as $$
begin
  -- A late success may overrule "absent": the author must hear of it.
  if old.outcome is not null
    and new.outcome is distinct from old.outcome
    and not (old.outcome = 'absent' and new.outcome = 'posted')
  then
    raise exception 'attempt %: its outcome is %, and stays', old.id, old.outcome using errcode = 'PSN01';
  end if;
  return new;
end
$$;
--> statement-breakpoint
create trigger guard_attempts
before update on psn.publish_attempts
for each row execute function psn.guard_attempts();
--> statement-breakpoint
create function psn.guard_events() returns trigger
language plpgsql
as $$
begin
  -- Deeper than one level means the post itself is deleted, and its history goes with it.
  if tg_op = 'DELETE' and pg_trigger_depth() > 1 then
    return old;
  end if;
  raise exception 'history is only added to' using errcode = 'PSN01';
end
$$;
--> statement-breakpoint
create trigger guard_events
before update or delete on psn.post_events
for each row execute function psn.guard_events();
