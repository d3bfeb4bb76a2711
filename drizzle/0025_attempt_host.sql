-- Where a tweet was made: a link leads there, wherever its account signs in later. Null in what a version before wrote.
alter table psn.publish_attempts add column if not exists host text;
