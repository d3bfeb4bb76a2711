-- Why X refused a request, in the port's words. `since_id`, which nothing has written since 0005, stays: workers of the
-- version before read it, and may still run on this hub.
alter table psn.publish_attempts add column refused_reason text;
--> statement-breakpoint
-- What X refused while it was not known whether the tweet exists; the version before told that by these two columns.
update psn.publish_attempts
set refused_reason = case when detail ~* 'duplicate' then 'duplicate' else 'not_permitted' end
where outcome is null
  and http_status = 403;
