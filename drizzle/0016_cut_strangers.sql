-- X shows only the beginning of a long text to those who may not read the rest: what was seen after an absence keeps that.
alter table psn.unknown_posts add column if not exists is_beginning boolean not null default false;
