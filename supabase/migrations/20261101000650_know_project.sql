-- A database knows which project it belongs to. A copy (restored to another project, a branch, a base backup) has the jobs
-- and Vault's secrets of the original: without this it would alert the original's people and, beside a function of its own,
-- be a second writer on one Dynamics. So a server that was started anew sends nothing until the project's own function has
-- said that it works on this very database.

create table hlf_sync.project (
  id boolean primary key default true,
  url text,
  server text,
  is_foreign boolean not null default false,
  question uuid,
  request_id bigint,
  asked_at timestamptz,
  is_unanswered boolean not null default false,
  constraint there_is_one_row check (id)
);
comment on table hlf_sync.project is 'One row: which project this database belongs to, and whether it runs there.';
comment on column hlf_sync.project.url is
  'Origin of the project, as its function knows it: noted at the first claim; null before. Told by hlf_sync.set_project.';
comment on column hlf_sync.project.server is
  'The running server on which the project''s own function was last seen to work.';
comment on column hlf_sync.project.is_foreign is
  'The function that this database calls works on another one, or a function of another project works on this one.';
comment on column hlf_sync.project.question is
  'What the function is asked to look for in its own database; a copy''s is not there.';
comment on column hlf_sync.project.request_id is 'Of pg_net, while the answer is awaited.';
comment on column hlf_sync.project.asked_at is 'By the clock: pg_net''s ids begin anew after a crash.';
comment on column hlf_sync.project.is_unanswered is
  'The function gave no answer that would tell: then a message too many is better than silence.';
insert into hlf_sync.project default values;
revoke all on hlf_sync.project from public, anon, authenticated, service_role;

create function hlf_sync.server_mark()
returns text
language sql
stable
set search_path = ''
as $$
  -- A copy keeps the system identifier and may keep the timeline, but no copy runs without having been started.
  select md5(concat_ws(' ',
    (select c.system_identifier from pg_catalog.pg_control_system() as c),
    (select d.oid from pg_catalog.pg_database as d where d.datname = current_database()),
    extract(epoch from pg_catalog.pg_postmaster_start_time())
  ))
$$;
comment on function hlf_sync.server_mark() is 'What tells this running server and database from every other, a copy''s too.';

create function hlf_sync.may_send()
returns boolean
language plpgsql
stable
security definer
set search_path = ''
as $$
begin
  return (
    select p.url is null or (not p.is_foreign and (p.server = hlf_sync.server_mark() or p.is_unanswered))
    from hlf_sync.project as p
  );
end
$$;
comment on function hlf_sync.may_send() is
  'Whether messages and nudges may leave: this is the project''s own database, or nothing is there that could tell.';

create function hlf_sync.is_own_project(project_url text)
returns boolean
language plpgsql
security definer
set search_path = ''
as $$
declare
  project hlf_sync.project;
begin
  select p.* into strict project from hlf_sync.project as p;
  if project_url is null then
    -- A person at a terminal, or a function of before: nothing is known of where they work.
    return not project.is_foreign;
  elsif project.url = project_url and not project.is_foreign and project.server = hlf_sync.server_mark() then
    return true;
  end if;

  -- Whoever says meanwhile that it is a project of its own comes wholly before or wholly after, with the alert's end.
  select p.* into strict project from hlf_sync.project as p for update;
  if project.url is null or project.url = project_url then
    update hlf_sync.project as p
    set url = project_url, server = hlf_sync.server_mark(), is_foreign = false, is_unanswered = false, request_id = null
    where p.id;
    perform hlf_sync.close_alert('foreign_project');
    return true;
  end if;
  if not project.is_foreign then
    update hlf_sync.project as p set is_foreign = true where p.id;
  end if;
  perform hlf_sync.raise_alert('foreign_project');
  return false;
end
$$;
comment on function hlf_sync.is_own_project(text) is
  'Whether the function of a project may work on this database. The first one to come makes it its own.';

create function hlf_sync.set_project(project_url text)
returns void
language plpgsql
security definer
set search_path = ''
as $$
begin
  if project_url !~ '^https?://[^/?#[:space:]]+$' then
    raise exception 'Cannot set the project: % is no origin such as https://<ref>.supabase.co', project_url
      using errcode = '22023';
  end if;
  update hlf_sync.project as p
  set url = project_url, server = hlf_sync.server_mark(), is_foreign = false, is_unanswered = false, request_id = null
  where p.id;
  perform hlf_sync.close_alert('foreign_project');
end
$$;
comment on function hlf_sync.set_project(text) is
  'Tells a copy that it is a project of its own from now on: it claims and sends again. To be called after Vault and the '
  'function''s settings are its own.';

create function hlf_sync.ask_for_project()
returns text
language plpgsql
security definer
set search_path = ''
as $$
declare
  project hlf_sync.project;
  answer record;
  function_url constant text := hlf_sync.callable_url('hlf_sync_function_url');
  request bigint;
begin
  select p.* into strict project from hlf_sync.project as p for update;
  if project.url is null then
    return 'unknown';
  elsif project.server = hlf_sync.server_mark() and not project.is_foreign then
    perform hlf_sync.close_alert('foreign_project');
    return 'confirmed';
  end if;

  if project.request_id is not null then
    select r.status_code into answer
    from net._http_response as r
    where r.id = project.request_id and r.created >= project.asked_at - interval '1 second';
    if found and answer.status_code = 409 then
      update hlf_sync.project as p set is_foreign = true, is_unanswered = false, request_id = null where p.id;
      perform hlf_sync.raise_alert('foreign_project');
    elsif found or project.asked_at < now() - interval '2 minutes' then
      update hlf_sync.project as p set is_unanswered = true, request_id = null where p.id;
    else
      return 'asked';
    end if;
  end if;

  -- The one thing that a copy sends: a question that names nothing.
  update hlf_sync.project as p set question = gen_random_uuid(), asked_at = clock_timestamp()
  where p.id
  returning p.* into project;
  if function_url is not null then
    request := hlf_sync.post_json(
      function_url,
      jsonb_build_object('type', 'identify', 'question', project.question),
      jsonb_build_object('apikey', coalesce(hlf_sync.secret_key(), ''))
    );
  end if;
  update hlf_sync.project as p
  set request_id = request, is_unanswered = p.is_unanswered or request is null
  where p.id;
  return 'asked';
end
$$;
comment on function hlf_sync.ask_for_project() is
  'Asks the function, after every start of the server, whether it works on this database, and reads its answer.';

create function hlf_sync.confirm_project(project_url text, question uuid)
returns text
language plpgsql
security definer
set search_path = ''
as $$
begin
  if not exists (
    select from hlf_sync.project as p where p.question = confirm_project.question
  ) then
    return 'not asked here';
  end if;
  return case when hlf_sync.is_own_project(project_url) then 'confirmed' else 'foreign' end;
end
$$;
comment on function hlf_sync.confirm_project(text, uuid) is
  'confirmed: this database asked, and the function is its own. not asked here: another database did. foreign.';

create function public.confirm_hlf_sync_project(project_url text, question uuid)
returns text
language sql
set search_path = ''
as $$
  select hlf_sync.confirm_project(project_url, question)
$$;
comment on function public.confirm_hlf_sync_project(text, uuid) is
  'For the function: whether the database that asked is the one that it works on.';

revoke execute on function public.confirm_hlf_sync_project(text, uuid) from public, anon, authenticated;
grant execute on function
  hlf_sync.confirm_project(text, uuid),
  public.confirm_hlf_sync_project(text, uuid)
to service_role;
