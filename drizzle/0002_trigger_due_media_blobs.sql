CREATE TABLE "psn"."media_blobs" (
	"sha256" text PRIMARY KEY NOT NULL,
	"byte_length" bigint NOT NULL,
	"attached_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "psn"."posts" ADD COLUMN "trigger_due_at" timestamp (3) with time zone;