-- How an unanswered request's tweet is recognised, and by whose clock. Workers of the version before go on meanwhile: they
-- write neither column, and an attempt without them is looked for by what is known of its media otherwise.
-- Posts first, as workers lock them.
lock table psn.posts in exclusive mode;
--> statement-breakpoint
alter table psn.post_media add column if not exists platform_media_key text;
--> statement-breakpoint
alter table psn.publish_attempts add column if not exists media_keys text[];
--> statement-breakpoint
alter table psn.publish_attempts add column if not exists x_ahead_ms double precision;
--> statement-breakpoint
create table if not exists psn.clock_offsets (
  host text primary key,
  ahead_ms double precision not null,
  bound_ms double precision not null,
  measured_at timestamptz not null
);
