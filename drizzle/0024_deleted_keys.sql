-- An idempotency key makes one post, also after that was deleted: the key is kept, with what it made and when that was deleted.
create table if not exists psn.deleted_keys (
  user_id text not null,
  idempotency_key text not null,
  post_id text not null,
  deleted_at timestamptz not null default psn.now(),
  primary key (user_id, idempotency_key)
);
--> statement-breakpoint
-- Whoever deletes it, a process of the version before as well.
create or replace function psn.keep_deleted_key() returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
  insert into psn.deleted_keys (user_id, idempotency_key, post_id)
  values (old.user_id, old.idempotency_key, old.id)
  on conflict (user_id, idempotency_key) do update set post_id = excluded.post_id, deleted_at = excluded.deleted_at;
  return null;
end
$$;
--> statement-breakpoint
create or replace trigger posts_keep_deleted_key
after delete on psn.posts
for each row
when (old.idempotency_key is not null)
execute function psn.keep_deleted_key();
