-- What a person is asked to approve, and what they said: for the mode in which an agent's word is not enough.
create table if not exists psn.approvals (
  id text primary key,
  post_id text not null references psn.posts (id) on delete cascade,
  account_id text not null,
  content_hash text not null,
  -- draft (approved, not sent), now, or the instant in UTC that it is sent at.
  sends text not null,
  -- At most, in thousandths of a dollar.
  cost_mills integer not null,
  -- Of the question that is open on the page; null once it is answered.
  nonce_hash text,
  created_at timestamptz not null default psn.now(),
  -- Of the question; from the grant on, of the grant.
  expires_at timestamptz not null,
  granted_at timestamptz,
  granted_how text,
  granted_by text,
  declined_at timestamptz,
  used_at timestamptz
);
--> statement-breakpoint
create index if not exists approvals_post on psn.approvals (post_id, created_at);
