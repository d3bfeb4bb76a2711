-- The hub's clock reads no session setting: it is the server's time and nothing else. Tests and the simulation replace
-- these functions in databases of their own (src/testing/hub-clock.ts).

-- The time at which the statement came, so what waits for a lock is judged by the time before its wait. Postgres inlines it.
create or replace function psn.now() returns timestamptz
language sql
stable
as $$
  select statement_timestamp()
$$;
--> statement-breakpoint
-- The time after the wait, where something begins with it: a lease that was waited for would have run out already.
create or replace function psn.clock() returns timestamptz
language sql
volatile
as $$
  select clock_timestamp()
$$;
