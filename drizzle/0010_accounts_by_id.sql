-- What an account was called before. X's ids stay and its handles change hands; an old name is answered with the new one.
-- Workers of the version before do not know the columns, and need not.
alter table psn.accounts add column former_handles text[] not null default '{}';
--> statement-breakpoint
-- The account that a begun sign-in was meant for, so that the paste need not repeat it.
alter table psn.oauth_flows add column wished_account text;
