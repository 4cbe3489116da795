-- pg_cron itself where the server has it loaded for this database; else a stand-in for version 1.6, whose jobs
-- cron_runner.ts runs.
-- Left out of the stand-in: cron.schedule_in_database, and the `$` (last day of the month) of a schedule.
-- https://github.com/citusdata/pg_cron

do $outer$
begin
  if to_regnamespace('cron') is not null then
    return;
  end if;
  if current_setting('cron.database_name', true) = current_database()
    and exists (select from pg_catalog.pg_available_extensions where name = 'pg_cron')
  then
    create extension pg_cron with schema pg_catalog;
    -- What hosted Supabase then gives the owner of the database: jobs are made by functions, not by hand.
    grant usage on schema cron to postgres with grant option;
    grant all on all tables in schema cron to postgres with grant option;
    revoke all on cron.job from postgres;
    grant select on cron.job to postgres with grant option;
    grant execute on all functions in schema cron to postgres with grant option;
    return;
  end if;

  create schema cron;
  create sequence cron.jobid_seq;
  create sequence cron.runid_seq;

  create table cron.job (
    jobid bigint primary key default nextval('cron.jobid_seq'),
    schedule text not null,
    command text not null,
    nodename text not null default 'localhost',
    nodeport integer not null default coalesce(inet_server_port(), 5432),
    database text not null default current_database(),
    username text not null default current_user,
    active boolean not null default true,
    jobname text,
    constraint jobname_username_uniq unique (jobname, username)
  );
  grant select on cron.job to public;
  alter table cron.job enable row level security;
  create policy cron_job_policy on cron.job using (username = current_user);

  create table cron.job_run_details (
    jobid bigint,
    runid bigint primary key default nextval('cron.runid_seq'),
    job_pid integer,
    database text,
    username text,
    command text,
    status text,
    return_message text,
    start_time timestamptz,
    end_time timestamptz
  );
  grant select, delete on cron.job_run_details to public;
  alter table cron.job_run_details enable row level security;
  create policy cron_job_run_details_policy on cron.job_run_details using (username = current_user);

  -- The real functions write as the extension's owner, on behalf of whoever calls: these here do so with its name.
  create function cron._schedule(job_name text, schedule text, command text, caller name)
  returns bigint
  language plpgsql
  security definer
  set search_path = ''
  as $$
  declare
    job bigint;
  begin
    if schedule !~ '^\s*(\S+\s+){4}\S+\s*$'
      and schedule !~* '^\s*([1-9]|[1-5][0-9])\s+seconds?\s*$'
      and schedule !~* '^@(yearly|annually|monthly|weekly|daily|midnight|hourly)$'
    then
      raise exception 'invalid schedule: %', schedule using errcode = '22023';
    end if;
    insert into cron.job as j (jobname, schedule, command, username)
    values (job_name, schedule, command, caller)
    on conflict on constraint jobname_username_uniq
    do update set schedule = excluded.schedule, command = excluded.command
    returning j.jobid into job;
    return job;
  end
  $$;

  create function cron._unschedule(job_id bigint, job_name text, caller name)
  returns boolean
  language plpgsql
  security definer
  set search_path = ''
  as $$
  begin
    delete from cron.job where (jobid = job_id or jobname = job_name) and username = caller;
    if not found then
      raise exception 'could not find valid entry for job ''%''', coalesce(job_name, job_id::text);
    end if;
    return true;
  end
  $$;

  create function cron._alter_job(
    job_id bigint, schedule text, command text, database text, username text, active boolean, caller name
  )
  returns void
  language plpgsql
  security definer
  set search_path = ''
  as $$
  begin
    update cron.job as j
    set
      schedule = coalesce($2, j.schedule),
      command = coalesce($3, j.command),
      database = coalesce($4, j.database),
      username = coalesce($5, j.username),
      active = coalesce($6, j.active)
    where j.jobid = $1 and j.username = caller;
    if not found then
      raise exception 'Job % does not exist or you don''t own it', job_id;
    end if;
  end
  $$;

  create function cron.schedule(job_name text, schedule text, command text)
  returns bigint
  language sql
  set search_path = ''
  as $$
    select cron._schedule(job_name, schedule, command, current_user)
  $$;

  create function cron.schedule(schedule text, command text)
  returns bigint
  language sql
  set search_path = ''
  as $$
    select cron.schedule(null, schedule, command)
  $$;

  create function cron.unschedule(job_id bigint)
  returns boolean
  language sql
  set search_path = ''
  as $$
    select cron._unschedule(job_id, null, current_user)
  $$;

  create function cron.unschedule(job_name text)
  returns boolean
  language sql
  set search_path = ''
  as $$
    select cron._unschedule(null, job_name, current_user)
  $$;

  create function cron.alter_job(
    job_id bigint,
    schedule text default null,
    command text default null,
    database text default null,
    username text default null,
    active boolean default null
  )
  returns void
  language sql
  set search_path = ''
  as $$
    select cron._alter_job(job_id, schedule, command, database, username, active, current_user)
  $$;
  revoke all on function
    cron.alter_job(bigint, text, text, text, text, boolean),
    cron._alter_job(bigint, text, text, text, text, boolean, name)
  from public;

  -- What hosted Supabase gives the owner of the database: jobs are made by functions, not by hand.
  grant usage on schema cron to postgres with grant option;
  grant all on cron.job_run_details to postgres with grant option;
  grant select on cron.job to postgres with grant option;
  grant execute on all functions in schema cron to postgres with grant option;
  grant usage on sequence cron.runid_seq to postgres;
end
$outer$;
