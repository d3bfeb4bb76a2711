CREATE TABLE "psn"."draft_versions" (
	"post_id" text NOT NULL,
	"content_version" integer NOT NULL,
	"sent_count" integer NOT NULL,
	"tweets" jsonb NOT NULL,
	"metadata" jsonb NOT NULL,
	"source" text,
	"note" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "draft_versions_post_id_content_version_pk" PRIMARY KEY("post_id","content_version")
);
--> statement-breakpoint
ALTER TABLE "psn"."draft_versions" ADD CONSTRAINT "draft_versions_post_id_posts_id_fk" FOREIGN KEY ("post_id") REFERENCES "psn"."posts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "posts_said" ON "psn"."posts" USING btree ("account_id","published_at") WHERE external_post_id is not null;--> statement-breakpoint
CREATE INDEX "posts_approved" ON "psn"."posts" USING btree ("account_id","approved_hash") WHERE approved_hash is not null;