-- Each case: the schema that the migrations make, the declared one after "-- will", and what the way up must hold after "-- up: ".
-- All are compared at once, each in a schema of its own in place of public.

-- case: a table with all that a CREATE TABLE holds
-- will
create table a (id bigint generated always as identity primary key, name text not null default 'x' check (name <> ''), n numeric(10,2) unique);
-- up: CREATE TABLE public.a (
-- up: CONSTRAINT a_pkey PRIMARY KEY (id)

-- case: columns come and go
create table a (id int, old text, keep int default 1);
-- will
create table a (id int, keep int default 2, b text not null default '', c int generated always as (id * 2) stored);
-- up: ALTER TABLE public.a ADD COLUMN b text DEFAULT ''::text NOT NULL
-- up: ALTER TABLE public.a ALTER COLUMN keep SET DEFAULT 2
-- up: ALTER TABLE public.a DROP COLUMN old

-- case: the type of a column under a view over a view
create table a (id int, n int default 5);
create view v as select n from a;
create view w as select n + 1 as m from v;
comment on view w is 'of w';
-- will
create table a (id int, n bigint default 5);
create view v as select n from a;
create view w as select n + 1 as m from v;
comment on view w is 'of w';
-- up: ALTER TABLE public.a ALTER COLUMN n TYPE bigint
-- up: COMMENT ON VIEW public.w IS 'of w'

-- case: a view gets a column behind the others
create table a (id int, n int);
create view v as select id from a;
-- will
create table a (id int, n int, t text);
create view v as select id, t from a;
-- up: CREATE OR REPLACE VIEW public.v

-- case: a view with its columns in another order, and one above it
create table a (id int, n int);
create view v as select id, n from a;
create view w as select * from v;
-- will
create table a (id int, n int);
create view v as select n, id from a;
create view w as select n, id from v;
-- up: DROP VIEW public.w

-- case: a view loses its column before the table does
create table a (id int, n int);
create view v as select id, n from a;
-- will
create table a (id int);
create view v as select id from a;
-- up: DROP VIEW public.v

-- case: views with options
create table a (id int);
create view v with (security_barrier) as select id from a;
-- will
create table a (id int);
create view v as select id from a where id > 0 with local check option;
-- up: check_option=local

-- case: labels are added to an enum
create type mood as enum ('sad', 'happy');
create table a (m mood default 'sad');
create index a_m on a (m);
create view v as select m from a where m = 'happy';
-- will
create type mood as enum ('sad', 'ok', 'happy', 'glad');
create table a (m mood default 'sad');
create index a_m on a (m);
create view v as select m from a where m = 'happy';
-- up: ALTER TYPE public.mood ADD VALUE 'ok' AFTER 'sad'

-- case: labels are taken from an enum that columns, an array and a partial index use
create type mood as enum ('sad', 'ok', 'happy');
create table a (m mood not null default 'sad', l mood[], check (m <> 'ok'));
create index a_m on a (m) where m = 'happy';
create view v as select m from a;
-- will
create type mood as enum ('happy', 'sad');
create table a (m mood not null default 'sad', l mood[], check (m <> 'sad'));
create index a_m on a (m) where m = 'happy';
create view v as select m from a;
-- up: ALTER TABLE public.a ALTER COLUMN l TYPE public.mood[] USING l::text[]::public.mood[]

-- case: an enum, a domain and the tables of their columns are replaced at once
create type mood as enum ('sad', 'ok', 'happy');
create domain short as text check (length(value) < 10);
create table a (id int, m mood default 'sad', s short) partition by list (id);
create table b (m mood, s short);
-- will
create type mood as enum ('happy', 'sad');
create domain short as varchar(10);
create table a (id int, m mood default 'sad', s short);
create table b (m mood, s short);
-- up: ALTER TABLE public.b ALTER COLUMN m TYPE public.mood USING m::text::public.mood

-- case: partitions go from under a foreign key, and one is cut otherwise
create table a (id int primary key) partition by list (id);
create table a_1 partition of a for values in (1);
create table a_2 partition of a for values in (2) partition by list (id);
create table a_2_2 partition of a_2 for values in (2);
create table a_3 partition of a default;
create table b (a int references a);
create table c (id int primary key, up int references c) partition by list (id);
create table c_1 partition of c for values in (1);
create table c_2 partition of c for values in (2);
-- will
create table c (id int primary key, up int references c) partition by list (id);
create table c_1 partition of c for values in (1);
create table a (id int primary key) partition by list (id);
create table a_1 partition of a for values in (1, 3);
create table a_2 partition of a for values in (2) partition by list (id);
create table b (a int references a);
-- up: ALTER TABLE public.a DETACH PARTITION public.a_3
-- up: ALTER TABLE public.a_2 DETACH PARTITION public.a_2_2

-- case: domains over domains
create domain positive as int check (value > 0);
create table a (n positive);
-- will
create domain positive as int default 1 not null check (value > 0) constraint small check (value < 100);
create domain even as positive check (value % 2 = 0);
create table a (n positive, e even);
-- up: ALTER DOMAIN public.positive ADD CONSTRAINT small CHECK

-- case: composite types and ranges
create type pair as (a int, b text);
-- will
create type pair as (a int, b text, c date);
create type span as range (subtype = float8, subtype_diff = float8mi);
create table t (p pair, s span, m int4multirange);
-- up: CREATE TYPE public.span AS RANGE

-- case: sequences
create sequence s;
-- will
create sequence s as int increment 5 maxvalue 1000 cache 10 cycle;
create sequence t start 7;
-- up: ALTER SEQUENCE public.s AS integer

-- case: bigserial becomes an identity
create table a (id bigserial primary key, n int);
-- will
create table a (id bigint generated by default as identity primary key, n int);
-- up: ADD GENERATED BY DEFAULT AS IDENTITY

-- case: serials come and go with their tables
create table a (id serial primary key);
-- will
create table b (id serial primary key, a int);
-- up: ALTER SEQUENCE public.b_id_seq OWNED BY public.b.id

-- case: an identity changes
create table a (id int generated always as identity, b int);
-- will
create table a (id bigint generated by default as identity (start 100 increment 10), b int not null generated always as identity);
-- up: SET GENERATED BY DEFAULT

-- case: an index changes
create table a (id int, n int, t text);
create index a_n on a (n);
-- will
create table a (id int, n int, t text);
create index a_n on a (n desc) include (t) where n > 0;
create unique index a_t on a (lower(t));
-- up: DROP INDEX public.a_n

-- case: constraints change
create table a (id int primary key, n int unique, m int, constraint c check (n > 0));
alter table a add constraint d check (m > 0) not valid;
-- will
create table a (id int, n int, m int, constraint a_pkey primary key (id, n), constraint c check (n > 1), constraint d check (m > 0), constraint u unique (m) deferrable initially deferred);
-- up: VALIDATE CONSTRAINT d
-- up: CONSTRAINT u UNIQUE (m) DEFERRABLE INITIALLY DEFERRED

-- case: two tables that point at each other
-- will
create table a (id int primary key, b int);
create table b (id int primary key, a int references a on delete cascade);
alter table a add constraint a_b foreign key (b) references b deferrable;
-- up: ADD CONSTRAINT a_b FOREIGN KEY

-- case: a foreign key on a unique constraint that is replaced, and one whose deferrability changes
create table a (id int, n int, constraint u unique (id));
create table b (a int, constraint f foreign key (a) references a (id), constraint g foreign key (a) references a (id));
-- will
create table a (id int, n int, constraint u unique (id) include (n));
create table b (a int, constraint f foreign key (a) references a (id), constraint g foreign key (a) references a (id) deferrable initially deferred);
-- up: DROP CONSTRAINT f

-- case: a unique index becomes a unique constraint
create table a (id int);
create unique index a_id_key on a (id);
-- will
create table a (id int unique);
-- up: ADD CONSTRAINT a_id_key UNIQUE (id)

-- case: an exclusion constraint and foreign keys of one name
create table a (r int4range);
-- will
create table p (id int primary key);
create table a (r int4range, p int, constraint f foreign key (p) references p, constraint x exclude using gist (r with &&));
create table b (p int, constraint f foreign key (p) references p);
-- up: EXCLUDE USING gist

-- case: functions are replaced where they can be
create function f(a int) returns int language sql as 'select a';
create function g(a int) returns int language sql as 'select a';
create view v as select g(1);
create function h() returns trigger language plpgsql as 'begin return new; end';
create table t (id int);
create trigger h before insert on t for each row execute function h();
-- will
create function f(a int) returns int language sql immutable as 'select a + 1';
create function g(b int) returns bigint language sql as 'select b::bigint';
create view v as select g(1);
create procedure p(x int default 1) language plpgsql as 'begin perform f(x); end';
create function uses_late() returns bigint language sql as 'select count(*) from late';
create table late (id int);
create table t (id int);
-- up: CREATE OR REPLACE FUNCTION public.f(
-- up: DROP FUNCTION public.g(integer)
-- up: DROP TRIGGER h ON public.t
-- up: SET LOCAL check_function_bodies = off

-- case: a view that needs a function, a generated column and a default that do too, and a function of a table's rows
-- will
create function twice(n int) returns int language sql immutable as 'select n * 2';
create table a (id int default twice(4), n int generated always as (twice(4)) stored);
create view v as select twice(id) as d from a;
create function of_rows(a) returns int language sql as 'select $1.id';
create function sets() returns setof a language sql begin atomic select * from a; end;
-- up: DEFAULT public.twice(4)

-- case: triggers
create function f() returns trigger language plpgsql as 'begin return new; end';
create table a (id int, n int);
create trigger one before insert on a for each row execute function f();
create trigger two after update on a for each row execute function f();
-- will
create function f() returns trigger language plpgsql as 'begin return new; end';
create table a (id int, n int);
create trigger one before insert or update of n on a for each row when (new.n > 0) execute function f();
create trigger two after update on a for each row execute function f();
alter table a disable trigger two;
create constraint trigger three after insert on a deferrable for each row execute function f();
alter table a enable always trigger three;
-- up: ALTER TABLE public.a DISABLE TRIGGER two

-- case: row security
create table a (id int, owner text);
alter table a enable row level security;
create policy one on a for select using (id > 0);
create policy two on a using (id > 0) with check (id > 1);
-- will
create table b (id int);
create table a (id int, owner text);
alter table a enable row level security;
alter table a force row level security;
create policy one on a for select to current_user using (id > 1);
create policy two on a using (id > 0);
create policy three on a as restrictive for insert with check (exists (select from b where b.id = a.id));
-- up: ALTER POLICY one ON public.a USING ((id > 1))
-- up: AS RESTRICTIVE FOR INSERT
-- up: DROP POLICY two

-- case: comments on everything
create table a (id int primary key, n int);
comment on table a is 'old';
comment on column a.n is 'goes';
-- will
create table a (id int primary key, n int);
comment on table a is 'it''s new';
comment on column a.id is 'stays';
comment on constraint a_pkey on a is 'key';
comment on index a_pkey is 'index of key';
create function f(int) returns int language sql as 'select 1';
comment on function f(int) is 'f';
create domain d as int constraint c check (value > 0);
comment on domain d is 'd';
comment on constraint c on domain d is 'c';
create index i on a (n);
comment on index i is 'i';
-- up: COMMENT ON TABLE public.a IS 'it''s new'
-- up: COMMENT ON COLUMN public.a.n IS NULL

-- case: privileges of a table, a column, a function and a schema
create table a (id int, n int);
grant select on a to public;
create function f() returns int language sql as 'select 1';
-- will
create table a (id int, n int);
grant select (id), update (n) on a to public;
grant insert on a to pg_monitor with grant option;
create function f() returns int language sql as 'select 1';
revoke execute on function f() from public;
create schema granted;
grant usage on schema granted to public;
create sequence q;
grant usage on sequence q to public;
-- up: REVOKE EXECUTE ON FUNCTION public.f() FROM PUBLIC
-- up: GRANT SELECT (id) ON TABLE public.a TO PUBLIC

-- case: a materialized view with its index, over a table that changes
create table a (id int, n int);
create materialized view m as select id, n from a;
create unique index m_id on m (id);
grant select on m to public;
-- will
create table a (id int, n bigint);
create materialized view m as select id, n from a;
create unique index m_id on m (id);
grant select on m to public;
-- up: CREATE UNIQUE INDEX m_id

-- case: partitions
create table p (id int not null, at date not null, n int default 1) partition by range (at);
create table p1 partition of p for values from ('2020-01-01') to ('2021-01-01');
create table loose (id int not null, at date not null, n int default 1);
-- will
create table p (id int not null, at date not null, n int default 1, t text) partition by range (at);
create table p1 partition of p for values from ('2020-01-01') to ('2021-01-01');
create table p2 partition of p for values from ('2021-01-01') to ('2022-01-01') partition by list (id);
create table p2a partition of p2 for values in (1, 2);
create table rest partition of p default;
create index p_n on p (n);
alter table p add constraint p_pkey primary key (id, at);
create table loose (id int not null, at date not null, n int default 1);
-- up: PARTITION OF public.p FOR VALUES FROM ('2021-01-01') TO ('2022-01-01')

-- case: a partition is attached and another detached
create table p (id int not null, n int) partition by list (id);
create table p1 partition of p for values in (1);
create table p2 (id int not null, n int);
-- will
create table p (id int not null, n int) partition by list (id);
create table p1 (id int not null, n int);
create table p2 partition of p for values in (2);
-- up: ATTACH PARTITION public.p2
-- up: DETACH PARTITION public.p1

-- case: inheritance
create table a (id int, n int check (n > 0));
create table c (z int) inherits (a);
-- will
create table a (id bigint, n int check (n > 0), m text);
create table c (z int) inherits (a);
create table d (y int) inherits (a);
-- up: INHERITS (public.a)

-- case: what tables and columns can be set to
create table a (id int, t text, u text);
-- will
create unlogged table a (id int, t text, u text collate "C") with (fillfactor = 70);
alter table a alter t set storage external, alter t set compression pglz, alter id set statistics 500, alter id set (n_distinct = 5);
alter table a replica identity full;
-- up: SET (fillfactor=70)
-- up: SET COMPRESSION pglz

-- case: statistics and rules
create table a (id int, n int);
create statistics s on id, n from a;
create rule r as on delete to a do instead nothing;
-- will
create table a (id int, n int);
create statistics s (dependencies) on id, n from a;
create statistics t on (id + n), n from a;
create rule r as on delete to a do also select 1;
-- up: DROP STATISTICS public.s

-- case: schemas, and names that need quotes
create schema "Old";
create table "Old"."T" ("Id" int primary key, "select" int);
-- will
create schema "New One";
create table "New One"."T" ("Id" int primary key, "select" int default 1, "a.b" text);
create index "I x" on "New One"."T" ("a.b");
create view "New One"."V" as select "select" from "New One"."T";
-- up: CREATE SCHEMA "New One"

-- case: an extension and what belongs to it
-- will
create extension pg_trgm;
create table a (t text);
create index a_t on a using gin (t gin_trgm_ops);
-- up: CREATE EXTENSION pg_trgm WITH SCHEMA

-- case: a virtual generated column, and an expression that changes
-- from 18
create table a (id int, n int generated always as (id + 1) stored, v int generated always as (id) virtual);
-- will
create table a (id int, n int generated always as (id + 2) stored, w int generated always as (id * 3) virtual);
-- up: SET EXPRESSION AS ((id + 2))

-- case: differences that aren't any
create table a (t varchar(20)[], n numeric(8,3), c text collate "C", at timestamptz(3) default now());
create index i on a ((lower(c) || 'x'));
-- will
create table a (t character varying(20)[], n decimal(8,3), c text collate "C", at timestamp(3) with time zone default now());
create index i on a ((lower(c) || 'x'::text));
-- none

-- case: nulls not distinct, and keys without overlaps
-- from 15
create table a (id int, constraint u unique (id));
-- will
create table a (id int, constraint u unique nulls not distinct (id));
-- up: NULLS NOT DISTINCT

-- case: renames that are named
-- rename a=b
-- rename b.mail=email
create table a (id int, mail text not null);
create view v as select mail from a;
-- will
create table b (id int, email text not null, n int);
create view v as select email from b;
-- up: ALTER TABLE public.a RENAME TO b
-- up: ALTER TABLE public.b RENAME COLUMN mail TO email

-- case: a table with a constraint that isn't validated, and foreign keys of partitions
-- will
create table q (id int primary key);
create table p (id int not null references q, at date not null) partition by range (at);
create table p1 partition of p for values from ('2020-01-01') to ('2021-01-01');
create function t() returns trigger language plpgsql as 'begin return new; end';
create trigger t before insert on p for each row execute function t();
create table a (id int);
alter table a add constraint c check (id > 0) not valid;
-- up: CHECK ((id > 0)) NOT VALID

-- case: a type change below a generated column, a trigger, a policy and a partial index
create function t() returns trigger language plpgsql as 'begin return new; end';
create table a (id int, n int default 3, g int generated always as (n + 1) stored, check (n > 0));
create index i on a (n) where n > 5;
create trigger t before update of n on a for each row when (new.n > 1) execute function t();
create policy p on a using (n > 2);
-- will
create function t() returns trigger language plpgsql as 'begin return new; end';
create table a (id int, n bigint default 3, g bigint generated always as (n + 1) stored, check (n > 0));
create index i on a (n) where n > 5;
create trigger t before update of n on a for each row when (new.n > 1) execute function t();
create policy p on a using (n > 2);
-- up: ALTER TABLE public.a ALTER COLUMN n TYPE bigint;

-- case: everything goes
create schema gone;
create type gone.mood as enum ('a');
create table gone.a (id serial primary key, m gone.mood default 'a');
create table gone.b (a int references gone.a);
alter table gone.a add b int;
create view gone.v as select m from gone.a;
create function gone.f(gone.a) returns gone.mood language sql as 'select $1.m';
create materialized view gone.w as select gone.f(a) from gone.a a;
-- will
-- up: DROP SCHEMA gone

-- case: aggregates, collations, text search, event triggers and default privileges
create text search configuration plain (parser = default);
alter text search configuration plain add mapping for word with simple;
create function quiet() returns event_trigger language plpgsql as 'begin end';
create event trigger goes on sql_drop execute function quiet();
-- will
create collation bytes (provider = libc, locale = 'C');
create aggregate total(int) (sfunc = int4pl, stype = int, initcond = '0', parallel = safe);
create text search dictionary stops (template = simple, accept = false);
create text search configuration plain (parser = default);
alter text search configuration plain add mapping for word, asciiword with stops, simple;
create table a (t text collate bytes);
create view v as select total(1);
create function quiet() returns event_trigger language plpgsql as 'begin end';
create event trigger stays on ddl_command_end when tag in ('DROP TABLE', 'CREATE TABLE') execute function quiet();
alter event trigger stays disable;
alter default privileges revoke execute on functions from public;
-- up: CREATE AGGREGATE public.total(integer)
-- up: ADD MAPPING FOR asciiword WITH
-- up: REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC

-- case: operators, their classes and families
create function eq(int, int) returns bool language sql immutable as 'select $1 = $2';
create operator === (function = eq, leftarg = int, rightarg = int, commutator = ===);
create operator family f using hash;
-- will
create function eq(int, int) returns bool language sql immutable as 'select $1 = $2';
create function cmp(int, int) returns int language sql immutable as 'select $1 - $2';
create operator === (function = eq, leftarg = int, rightarg = int, commutator = ===, restrict = eqsel, join = eqjoinsel);
create operator <<< (function = int4lt, leftarg = int, rightarg = int, commutator = >>>, negator = >>>=);
create operator >>> (function = int4gt, leftarg = int, rightarg = int, commutator = <<<);
create operator >>>= (function = int4ge, leftarg = int, rightarg = int, negator = <<<);
create operator class c for type int using btree as operator 1 <<<, operator 3 ===, operator 5 >>>, function 1 cmp(int, int);
create operator family f using hash;
alter operator family f using hash add function 1 (int, int) hashint4(int), operator 1 = (int, int);
create table a (id int);
create index i on a (id c);
comment on operator === (int, int) is 'same';
-- up: ALTER OPERATOR public.===(integer,integer) SET (RESTRICT = eqsel)
-- up: CREATE OPERATOR CLASS public.c FOR TYPE integer USING btree FAMILY public.c AS
-- up: ALTER OPERATOR FAMILY public.f USING hash ADD

-- case: casts, conversions, transforms, languages and access methods
create type pair as (a int, b int);
create function of_pair(pair) returns int language sql immutable as 'select $1.a';
create cast (pair as int) with function of_pair(pair);
create function from_int(internal) returns internal language internal strict immutable as 'int4recv';
-- will
create type pair as (a int, b int);
create function of_pair(pair) returns int language sql immutable as 'select $1.a';
create cast (pair as int) with function of_pair(pair) as assignment;
create cast (pair as text) with inout;
create conversion c for 'LATIN1' to 'UTF8' from iso8859_1_to_utf8;
create trusted language plother handler plpgsql_call_handler inline plpgsql_inline_handler validator plpgsql_validator;
comment on language plother is 'other';
revoke usage on language plother from public;
create access method heap2 type table handler heap_tableam_handler;
create table a (id int) using heap2;
create function from_int(internal) returns internal language internal strict immutable as 'int4recv';
create function body() returns int language plother as 'begin return 1; end';
-- up: CREATE CAST (public.pair AS integer) WITH FUNCTION public.of_pair(public.pair) AS ASSIGNMENT
-- up: CREATE CONVERSION public.c FOR 'LATIN1'
-- up: CREATE ACCESS METHOD heap2 TYPE TABLE

-- case: publications
create table a (id int primary key, n int);
create table b (id int primary key);
create publication p for table a;
-- will
create table a (id int primary key, n int);
create table b (id int primary key);
create publication p for table b with (publish = 'insert, update', publish_via_partition_root);
create publication q for all tables;
comment on publication q is 'all';
-- up: ALTER PUBLICATION p ADD TABLE ONLY public.b
-- up: ALTER PUBLICATION p SET (publish = 'insert, update', publish_via_partition_root = true

-- case: publications of columns, rows and schemas
-- from 15
create schema published;
create table a (id int primary key, n int);
create publication r for table a;
-- will
create schema published;
create table a (id int primary key, n int);
create publication r for table a (id) where (id > 5);
create publication s for tables in schema published;
-- up: ALTER PUBLICATION r ADD TABLE ONLY public.a (id) WHERE ((id > 5))
-- up: ALTER PUBLICATION s ADD TABLES IN SCHEMA published

-- case: foreign data
create foreign data wrapper w options (a '1');
create server s foreign data wrapper w options (host 'one', gone 'x');
create user mapping for public server s options (password 'secret', "user" 'bob');
create foreign table f (id int, n int options (column_name 'm')) server s options (t 'x');
-- will
create foreign data wrapper w options (a '2', b 'it''s \ here');
create server s version '2' foreign data wrapper w options (host 'two');
grant usage on foreign server s to public;
create user mapping for public server s options (password 'other', "user" 'eve');
create user mapping for current_user server s options (password 'other');
create foreign table f (id int not null, n int options (column_name 'n'), t text) server s options (t 'y', u 'z');
create foreign table g (id int) server s;
comment on foreign table g is 'g';
comment on server s is 's';
comment on foreign data wrapper w is 'w';
-- up: ALTER SERVER s OPTIONS (DROP gone, SET host 'two')
-- up: ALTER FOREIGN TABLE public.f ALTER COLUMN n OPTIONS (SET column_name 'n')
-- up: ALTER USER MAPPING FOR PUBLIC SERVER s OPTIONS (SET "user" 'eve')

-- case: all four of text search
create text search template plain (lexize = dsimple_lexize, init = dsimple_init);
-- will
create text search template plain (lexize = dsimple_lexize, init = dsimple_init);
create text search parser words (start = prsd_start, gettoken = prsd_nexttoken, end = prsd_end, lextypes = prsd_lextype);
create text search dictionary d (template = plain);
create text search configuration c (parser = words);
alter text search configuration c add mapping for word with d;
comment on text search parser words is 'p';
-- up: CREATE TEXT SEARCH PARSER public.words

-- case: a domain of another type, and attributes of a composite that a column has
create domain d as int check (value > 0);
create type pair as (a int, b text);
create table a (d d default 5, p pair);
create view v as select d from a;
-- will
create domain d as bigint check (value > 0) constraint e check (value < 10);
create type pair as (b text, c date);
create table a (d d default 5, p pair);
create view v as select d from a;
-- up: ALTER TABLE public.a ALTER COLUMN d TYPE public.d USING d::bigint::public.d
-- up: ALTER TYPE public.pair DROP ATTRIBUTE a
-- up: ALTER TYPE public.pair ADD ATTRIBUTE c date

-- case: the index of the replica identity and of CLUSTER, and options of indexes
create table a (id int not null, n int not null);
create unique index i on a (id);
create index j on a ((n + 1)) with (fillfactor = 60);
alter table a replica identity full;
alter table a cluster on j;
-- will
create table a (id int not null, n int not null, constraint k unique (n));
create unique index i on a (id);
create index j on a ((n + 1)) with (fillfactor = 70, deduplicate_items = off);
alter index j alter column 1 set statistics 500;
alter table a replica identity using index i;
alter table a cluster on k;
-- up: ALTER TABLE public.a REPLICA IDENTITY USING INDEX i
-- up: ALTER TABLE public.a CLUSTER ON k
-- up: ALTER INDEX public.j SET (fillfactor=70, deduplicate_items=off)
-- up: ALTER INDEX public.j ALTER COLUMN 1 SET STATISTICS 500

-- case: a partition's own index and primary key become the parent's
create table p (id int not null, n int) partition by list (id);
create table p1 partition of p for values in (1);
alter table p1 add constraint p1_pkey primary key (id);
create index p1_n_idx on p1 (n);
-- will
create table p (id int not null, n int) partition by list (id);
create table p1 partition of p for values in (1);
create index p_n on p (n);
alter table p add constraint p_pkey primary key (id);
-- up: CREATE INDEX p_n ON public.p

-- case: constraints that are not enforced, and NOT NULL that is not checked
-- from 18
create table q (id int primary key);
create table a (id int constraint c check (id > 0) not enforced, n int constraint n not null, m int, f int constraint f references q);
-- will
create table q (id int primary key);
create table a (id int constraint c check (id > 0), n int, m int, f int constraint f references q not enforced);
alter table a add constraint n not null n not valid, add constraint m not null m not valid;
-- up: ALTER TABLE public.a ALTER CONSTRAINT f NOT ENFORCED
-- up: ALTER TABLE public.a ADD CONSTRAINT m NOT NULL m NOT VALID

-- case: a label of an enum is renamed
-- rename mood.sad=blue
create type mood as enum ('sad', 'happy');
create table a (m mood default 'sad');
-- will
create type mood as enum ('blue', 'happy');
create table a (m mood default 'blue');
-- up: ALTER TYPE public.mood RENAME VALUE 'sad' TO 'blue'

-- case: a function goes with its trigger, its policy and its default
create function f() returns trigger language plpgsql as 'begin return new; end';
create function g() returns int language sql as 'select 1';
create table a (id int default g());
create trigger t before insert on a for each row execute function f();
create policy p on a using (id = g());
-- will
create table a (id int);
-- up: DROP FUNCTION public.f()
-- up: DROP FUNCTION public.g()

-- case: a policy that reads a table of another schema
create table a (id int);
-- will
create schema elsewhere;
create table elsewhere.b (id int);
create table a (id int);
create policy p on a using (exists (select from elsewhere.b where b.id = a.id));
-- up: CREATE POLICY p ON public.a

-- case: a foreign key and the unique constraint that it needs, both new
create table a (id int);
create table b (a int);
-- will
create table a (id int, constraint z unique (id));
create table b (a int, constraint b_a foreign key (a) references a (id));
-- up: ADD CONSTRAINT b_a FOREIGN KEY (a) REFERENCES public.a(id)

-- case: an argument's name, its default and the return type of functions
create function f(a int, b int default 1) returns int language sql as 'select a';
create function g(a int) returns table (x int) language sql as 'select a';
-- will
create function f(a int, c int) returns int language sql as 'select a';
create function g(a int) returns table (x int, y int) language sql as 'select a, a';
-- up: DROP FUNCTION public.f(integer,integer)

-- case: privileges of a table become those of a column, and back
create table a (id int, n int);
create table b (id int, n int);
grant select, update on a to public;
grant select (id) on b to public;
-- will
create table a (id int, n int);
create table b (id int, n int);
grant select (id) on a to public;
grant select on b to public;
-- up: GRANT SELECT (id) ON TABLE public.a TO PUBLIC

-- case: a table becomes partitioned
create table a (id int not null, n int);
create view v as select id from a;
-- will
create table a (id int not null, n int) partition by range (id);
create view v as select id from a;
-- up: PARTITION BY RANGE (id)

-- case: identities behind a dropped column
create table a (old int, id int generated always as identity, n int);
alter table a drop column old;
-- will
create table a (id int generated always as identity, n int, m int generated by default as identity);
-- up: ADD COLUMN m integer GENERATED BY DEFAULT AS IDENTITY

-- case: a deferrable unique constraint and a generated column that stay
create table a (id int, n int generated always as (id + 1) stored, constraint u unique (id) deferrable initially deferred);
-- will
create table a (id int, n int generated always as (id + 1) stored, constraint u unique (id) deferrable initially deferred);
-- none

-- case: what was set goes back to what is usual
create unlogged table a (id int, t text collate "C", u text) with (fillfactor = 70);
alter table a alter u set storage external, alter u set compression pglz, alter id set statistics 500, alter id set (n_distinct = 5);
alter table a replica identity nothing;
create table b (id int not null, constraint k unique (id));
alter table b cluster on k;
alter table b replica identity using index k;
create statistics s on id, u from a;
alter statistics s set statistics 50;
-- will
create table a (id int, t text, u text);
create table b (id int not null, constraint k unique (id));
create statistics s on id, u from a;
-- up: ALTER TABLE public.a SET LOGGED
-- up: ALTER TABLE public.a ALTER COLUMN u SET STORAGE EXTENDED
-- up: ALTER TABLE public.b SET WITHOUT CLUSTER
-- up: ALTER STATISTICS public.s SET STATISTICS -1

-- case: views with security_invoker, sequences that are not logged, and a table's access method
-- from 15
create access method heap3 type table handler heap_tableam_handler;
create table a (id int);
create view v as select id from a;
create sequence s;
-- will
create access method heap3 type table handler heap_tableam_handler;
create table a (id int) using heap3;
create view v with (security_invoker = true) as select id from a;
create unlogged sequence s;
-- up: security_invoker=true
-- up: ALTER SEQUENCE public.s SET UNLOGGED
-- up: ALTER TABLE public.a SET ACCESS METHOD heap3

-- case: a partition is cut otherwise while columns of its table are made again
create function f(a integer) returns integer language sql immutable as 'select $1 + 2';
create table a (id int not null, n bigint, g int generated always as (f(id)) stored) partition by list (id);
create table a_1 partition of a for values in (1, 2);
create table a_rest partition of a default;
-- will
create function f(a integer) returns bigint language sql immutable as 'select $1 + 2';
create table a (id int not null, n bigint generated always as (f(id)) stored, g int generated always as (f(id)) stored) partition by list (id);
create table a_1 partition of a for values in (1);
create table a_rest partition of a default;
-- up: ALTER TABLE public.a DETACH PARTITION public.a_1
-- up: ALTER TABLE public.a ATTACH PARTITION public.a_1 FOR VALUES IN (1)
