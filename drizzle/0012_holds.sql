-- Holds of accounts beside those of the app. Workers of the version before go on: the view has their table's name, and takes
-- what they write.
lock table psn.app_holds in access exclusive mode;
--> statement-breakpoint
create table psn.holds (
  scope text not null default 'app' check (scope in ('account', 'app')),
  id text not null,
  reason text not null,
  detail text not null,
  since timestamp with time zone not null,
  until timestamp with time zone,
  client_id text,
  constraint holds_scope_id_pk primary key (scope, id)
);
--> statement-breakpoint
insert into psn.holds (scope, id, reason, detail, since, client_id)
select 'app', client_id, reason, detail, since, client_id
from psn.app_holds;
--> statement-breakpoint
drop table psn.app_holds;
--> statement-breakpoint
create view psn.app_holds as
select id as client_id, reason, detail, since
from psn.holds
where scope = 'app';
--> statement-breakpoint
-- The app that a sign-in was begun with: its code is good for no other one.
alter table psn.oauth_flows add column client_id text;
--> statement-breakpoint
-- What X said to an alt text that it does not take: the tweet goes out without, and its author is told.
alter table psn.post_media add column alt_text_refused text;
--> statement-breakpoint
create index post_media_alt_text_refused on psn.post_media (post_id) where alt_text_refused is not null;
