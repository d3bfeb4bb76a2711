-- What X bills: a row a request, written before it is sent. Beside it what its author lets X bill at most, and what a post that has
-- begun will still need. Workers of the version before write none of it; what they send is not counted.
lock table psn.posts in exclusive mode;
--> statement-breakpoint
create table if not exists psn.spend (
  id bigserial primary key,
  at timestamptz not null default psn.now(),
  -- Null for a sign-in, which has no account yet.
  account_id text,
  cause text not null,
  root_id text,
  tweet_id text,
  -- Of a request that creates a tweet.
  attempt_id bigint,
  -- Millionths of a dollar for one unit: a request that writes, or a post or user that is read.
  unit_micros bigint not null check (unit_micros >= 0),
  -- Zero: X has billed nothing.
  units integer not null check (units >= 0),
  -- Of the price list.
  prices_as_of date not null,
  -- Another host than X was asked, so that it cost nothing.
  is_sandbox boolean not null
);
--> statement-breakpoint
create index if not exists spend_at on psn.spend (at);
--> statement-breakpoint
create unique index if not exists spend_attempt on psn.spend (attempt_id) where attempt_id is not null;
--> statement-breakpoint
create index if not exists spend_root on psn.spend (root_id, at) where root_id is not null;
--> statement-breakpoint
create table if not exists psn.spend_limits (
  -- '' is all accounts together.
  account_id text not null,
  period text not null check (period in ('day', 'month')),
  unit text not null check (unit in ('micros', 'posts')),
  amount bigint not null check (amount >= 0),
  -- By whose clock a day begins.
  zone text not null,
  updated_at timestamptz not null default psn.now(),
  primary key (account_id, period, unit)
);
--> statement-breakpoint
create table if not exists psn.spend_promises (
  root_id text primary key references psn.posts (id) on delete cascade,
  at timestamptz not null,
  micros bigint not null,
  is_sandbox boolean not null
);
--> statement-breakpoint
-- X bills what it has done. An attempt without an outcome, and one that was never found, count as done.
create or replace function psn.spend_of_attempt() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  update psn.spend set units = 0 where attempt_id = new.id;
  return null;
end
$$;
--> statement-breakpoint
create or replace trigger spend_of_attempt
after update of outcome on psn.publish_attempts
for each row
when (new.outcome in ('refused', 'wait', 'signed_out', 'out_of_credits', 'not_sent'))
execute function psn.spend_of_attempt();
