CREATE SCHEMA IF NOT EXISTS "psn";
--> statement-breakpoint
CREATE TABLE "psn"."accounts" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text DEFAULT 'local' NOT NULL,
	"platform" text DEFAULT 'x' NOT NULL,
	"platform_user_id" text NOT NULL,
	"handle" text NOT NULL,
	"name" text NOT NULL,
	"subscription" text,
	"is_default" boolean DEFAULT false NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "psn"."app_holds" (
	"client_id" text PRIMARY KEY NOT NULL,
	"reason" text NOT NULL,
	"detail" text NOT NULL,
	"since" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "psn"."hub_settings" (
	"key" text PRIMARY KEY NOT NULL,
	"value" jsonb NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "psn"."media_chunks" (
	"sha256" text NOT NULL,
	"position" integer NOT NULL,
	"bytes" "bytea" NOT NULL,
	CONSTRAINT "media_chunks_sha256_position_pk" PRIMARY KEY("sha256","position")
);
--> statement-breakpoint
CREATE TABLE "psn"."oauth_flows" (
	"state" text PRIMARY KEY NOT NULL,
	"code_verifier" text NOT NULL,
	"redirect_uri" text NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "psn"."oauth_tokens" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text DEFAULT 'local' NOT NULL,
	"platform" text DEFAULT 'x' NOT NULL,
	"account_id" text NOT NULL,
	"access_token" text NOT NULL,
	"refresh_token" text,
	"expires_at" timestamp (3) with time zone NOT NULL,
	"scopes" text[] NOT NULL,
	"metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "psn"."post_events" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"post_id" text NOT NULL,
	"at" timestamp (3) with time zone NOT NULL,
	"kind" text NOT NULL,
	"status" text NOT NULL,
	"sub_status" text,
	"note" text NOT NULL,
	"facts" jsonb DEFAULT '{}'::jsonb NOT NULL
);
--> statement-breakpoint
CREATE TABLE "psn"."post_media" (
	"id" text PRIMARY KEY NOT NULL,
	"post_id" text NOT NULL,
	"position" integer NOT NULL,
	"sha256" text NOT NULL,
	"mime" text NOT NULL,
	"byte_length" bigint NOT NULL,
	"file_name" text NOT NULL,
	"width" integer,
	"height" integer,
	"duration_ms" double precision,
	"alt_text" text,
	"platform_media_id" text,
	"platform_media_expires_at" timestamp (3) with time zone,
	"alt_text_set" boolean DEFAULT false NOT NULL
);
--> statement-breakpoint
CREATE TABLE "psn"."posts" (
	"id" text PRIMARY KEY NOT NULL,
	"user_id" text DEFAULT 'local' NOT NULL,
	"account_id" text NOT NULL,
	"parent_post_id" text,
	"thread_position" integer DEFAULT 0 NOT NULL,
	"content" text NOT NULL,
	"separator_after" text DEFAULT '' NOT NULL,
	"external_post_id" text,
	"published_at" timestamp (3) with time zone,
	"status" text,
	"sub_status" text,
	"scheduled_at" timestamp (3) with time zone,
	"scheduled_timezone" text,
	"schedule_version" integer DEFAULT 0 NOT NULL,
	"due_at" timestamp (3) with time zone,
	"platform_post_ids" text[] DEFAULT '{}' NOT NULL,
	"trigger_run_id" text,
	"fail_code" text,
	"fail_reason" text,
	"retry_count" integer DEFAULT 0 NOT NULL,
	"metadata" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"source" text,
	"content_version" integer DEFAULT 1 NOT NULL,
	"approved_hash" text,
	"approved_at" timestamp (3) with time zone,
	"idempotency_key" text,
	"lease_owner" text,
	"lease_expires_at" timestamp (3) with time zone,
	"lease_fencing" bigint DEFAULT 0 NOT NULL,
	"created_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "posts_root_has_status" CHECK ((parent_post_id is null) = (status is not null)),
	CONSTRAINT "posts_root_is_first" CHECK ((parent_post_id is null) = (thread_position = 0)),
	CONSTRAINT "posts_status_known" CHECK (status in ('draft', 'scheduled', 'publishing', 'retry', 'published', 'failed')),
	CONSTRAINT "posts_lease_while_publishing" CHECK ((lease_owner is not null) = (status = 'publishing') or status is null),
	CONSTRAINT "posts_scheduled_has_time" CHECK (status <> 'scheduled' or (scheduled_at is not null and due_at is not null)),
	CONSTRAINT "posts_sent_only_if_approved" CHECK (status in ('draft', 'failed') or approved_hash is not null or status is null)
);
--> statement-breakpoint
CREATE TABLE "psn"."publish_attempts" (
	"id" bigserial PRIMARY KEY NOT NULL,
	"post_id" text NOT NULL,
	"root_id" text NOT NULL,
	"number" integer NOT NULL,
	"lease_fencing" bigint NOT NULL,
	"fingerprint" text NOT NULL,
	"reply_to_id" text,
	"media_count" integer DEFAULT 0 NOT NULL,
	"since_id" text,
	"started_at" timestamp (3) with time zone NOT NULL,
	"answered_at" timestamp (3) with time zone,
	"outcome" text,
	"detail" text,
	"http_status" integer,
	"transaction_id" text,
	"external_post_id" text,
	"look_count" integer DEFAULT 0 NOT NULL,
	"last_look_at" timestamp (3) with time zone
);
--> statement-breakpoint
CREATE TABLE "psn"."rate_limits" (
	"account_id" text NOT NULL,
	"endpoint" text NOT NULL,
	"window" text NOT NULL,
	"limit" integer NOT NULL,
	"remaining" integer NOT NULL,
	"reset_at" timestamp (3) with time zone NOT NULL,
	"updated_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "rate_limits_account_id_endpoint_window_pk" PRIMARY KEY("account_id","endpoint","window")
);
--> statement-breakpoint
CREATE TABLE "psn"."refresh_intents" (
	"account_id" text PRIMARY KEY NOT NULL,
	"token_version" integer NOT NULL,
	"started_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
ALTER TABLE "psn"."oauth_tokens" ADD CONSTRAINT "oauth_tokens_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "psn"."accounts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "psn"."post_events" ADD CONSTRAINT "post_events_post_id_posts_id_fk" FOREIGN KEY ("post_id") REFERENCES "psn"."posts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "psn"."post_media" ADD CONSTRAINT "post_media_post_id_posts_id_fk" FOREIGN KEY ("post_id") REFERENCES "psn"."posts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "psn"."posts" ADD CONSTRAINT "posts_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "psn"."accounts"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "psn"."posts" ADD CONSTRAINT "posts_parent_post_id_posts_id_fk" FOREIGN KEY ("parent_post_id") REFERENCES "psn"."posts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "psn"."publish_attempts" ADD CONSTRAINT "publish_attempts_post_id_posts_id_fk" FOREIGN KEY ("post_id") REFERENCES "psn"."posts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "psn"."refresh_intents" ADD CONSTRAINT "refresh_intents_account_id_accounts_id_fk" FOREIGN KEY ("account_id") REFERENCES "psn"."accounts"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "accounts_platform_user" ON "psn"."accounts" USING btree ("user_id","platform","platform_user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "accounts_one_default" ON "psn"."accounts" USING btree ("user_id") WHERE is_default;--> statement-breakpoint
CREATE UNIQUE INDEX "oauth_tokens_account" ON "psn"."oauth_tokens" USING btree ("user_id","platform","account_id");--> statement-breakpoint
CREATE INDEX "oauth_tokens_expires" ON "psn"."oauth_tokens" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "post_events_post" ON "psn"."post_events" USING btree ("post_id","id");--> statement-breakpoint
CREATE UNIQUE INDEX "post_media_position" ON "psn"."post_media" USING btree ("post_id","position");--> statement-breakpoint
CREATE INDEX "post_media_sha256" ON "psn"."post_media" USING btree ("sha256");--> statement-breakpoint
CREATE UNIQUE INDEX "posts_thread_position" ON "psn"."posts" USING btree ("parent_post_id","thread_position") WHERE parent_post_id is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "posts_idempotency_key" ON "psn"."posts" USING btree ("user_id","idempotency_key") WHERE idempotency_key is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "posts_external" ON "psn"."posts" USING btree ("account_id","external_post_id") WHERE external_post_id is not null;--> statement-breakpoint
CREATE INDEX "posts_due" ON "psn"."posts" USING btree ("due_at") WHERE due_at is not null;--> statement-breakpoint
CREATE INDEX "posts_leased" ON "psn"."posts" USING btree ("lease_expires_at") WHERE status = 'publishing';--> statement-breakpoint
CREATE INDEX "posts_account_status" ON "psn"."posts" USING btree ("account_id","status");--> statement-breakpoint
CREATE UNIQUE INDEX "publish_attempts_number" ON "psn"."publish_attempts" USING btree ("post_id","number");--> statement-breakpoint
CREATE UNIQUE INDEX "publish_attempts_one_open" ON "psn"."publish_attempts" USING btree ("post_id") WHERE outcome is null;--> statement-breakpoint
CREATE UNIQUE INDEX "publish_attempts_one_success" ON "psn"."publish_attempts" USING btree ("post_id") WHERE outcome in ('posted', 'adopted');--> statement-breakpoint
CREATE INDEX "publish_attempts_root" ON "psn"."publish_attempts" USING btree ("root_id");