-- Workers go on meanwhile. They lock a post before its media, and cleaning takes the notes of media before it asks for posts.
lock table psn.posts in exclusive mode;
--> statement-breakpoint
lock table psn.media_blobs, psn.post_media, psn.media_chunks in access exclusive mode;
--> statement-breakpoint
-- What is there is not looked at: a row that names its media otherwise must not keep the hub from being brought up to date,
-- and no media store finds anything by it.
alter table psn.media_blobs add constraint media_blobs_sha256_is_hash check (sha256 ~ '^[0-9a-f]{64}$') not valid;
--> statement-breakpoint
alter table psn.post_media add constraint post_media_sha256_is_hash check (sha256 ~ '^[0-9a-f]{64}$') not valid;
--> statement-breakpoint
alter table psn.media_chunks add constraint media_chunks_sha256_is_hash check (sha256 ~ '^[0-9a-f]{64}$') not valid;
