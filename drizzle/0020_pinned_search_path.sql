-- The guards find Postgres's own functions and operators, whatever search_path the session that fires them has. The plain
-- functions (psn.now, psn.clock, …) stay as they are: a setting would keep the planner from inlining them.
alter function psn.guard_posts() set search_path = pg_catalog, pg_temp;
--> statement-breakpoint
alter function psn.guard_attempts() set search_path = pg_catalog, pg_temp;
--> statement-breakpoint
alter function psn.guard_events() set search_path = pg_catalog, pg_temp;
--> statement-breakpoint
alter function psn.guard_published() set search_path = pg_catalog, pg_temp;
--> statement-breakpoint
alter function psn.guard_unpublishing() set search_path = pg_catalog, pg_temp;
--> statement-breakpoint
alter function psn.guard_deletions() set search_path = pg_catalog, pg_temp;
