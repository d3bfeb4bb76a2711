-- A yes is to the post as it stands. What a process of the version before asks has neither, and is asked anew.
alter table psn.approvals add column if not exists content_version integer;
--> statement-breakpoint
alter table psn.approvals add column if not exists schedule_version integer;
