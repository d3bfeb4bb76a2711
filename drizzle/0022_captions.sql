-- Captions of a video, and what X was given of them. Workers of the version before neither write nor read them.
lock table psn.posts in exclusive mode;
--> statement-breakpoint
alter table psn.post_media add column if not exists captions jsonb not null default '[]'::jsonb;
--> statement-breakpoint
alter table psn.post_media add column if not exists captions_set jsonb not null default '{}'::jsonb;
