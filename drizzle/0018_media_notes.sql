-- What was seen in a file when it was attached. Workers of the version before neither write nor read it.
lock table psn.posts in exclusive mode;
--> statement-breakpoint
alter table psn.post_media add column if not exists notes jsonb not null default '[]'::jsonb;
