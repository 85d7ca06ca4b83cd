--
-- PostgreSQL database dump
--

\restrict RRxsa3uhXts4qgGGGf80V3kmuDdOaEDBctCNW1kD7xfurFpm7c8TUfOW4pgMP4N

-- Dumped from database version 15.18 (Debian 15.18-0+deb12u1)
-- Dumped by pg_dump version 18.6 (Debian 18.6-3)

SET statement_timeout = 0;
SET lock_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET transaction_timeout = 0;
SET client_encoding = 'UTF8';
SET standard_conforming_strings = on;
SELECT pg_catalog.set_config('search_path', '', false);
SET check_function_bodies = false;
SET xmloption = content;
SET client_min_messages = warning;
SET row_security = off;

--
-- Name: Odd schema; Type: SCHEMA; Schema: -; Owner: -
--

CREATE SCHEMA "Odd schema";


--
-- Name: SCHEMA public; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON SCHEMA public IS 'mine; -- x';


--
-- Name: co; Type: COLLATION; Schema: public; Owner: -
--

CREATE COLLATION public.co (provider = libc, locale = 'C');


--
-- Name: file_fdw; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS file_fdw WITH SCHEMA public;


--
-- Name: EXTENSION file_fdw; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON EXTENSION file_fdw IS 'foreign-data wrapper for flat file access';


--
-- Name: hstore; Type: EXTENSION; Schema: -; Owner: -
--

CREATE EXTENSION IF NOT EXISTS hstore WITH SCHEMA public;


--
-- Name: EXTENSION hstore; Type: COMMENT; Schema: -; Owner: -
--

COMMENT ON EXTENSION hstore IS 'data type for storing sets of (key, value) pairs';


--
-- Name: comp; Type: TYPE; Schema: public; Owner: -
--

CREATE TYPE public.comp AS (
	a integer,
	"b;" text
);


--
-- Name: dom; Type: DOMAIN; Schema: public; Owner: -
--

CREATE DOMAIN public.dom AS text
	CONSTRAINT dom_check CHECK ((VALUE ~ '^[;\\]$'::text));


--
-- Name: mood; Type: TYPE; Schema: public; Owner: -
--

CREATE TYPE public.mood AS ENUM (
    'sad',
    'ok; \n',
    'ha''ppy'
);


--
-- Name: CAST (public.comp AS text); Type: CAST; Schema: -; Owner: -
--

CREATE CAST (public.comp AS text) WITH INOUT;


--
-- Name: et(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.et() RETURNS event_trigger
    LANGUAGE plpgsql
    AS $$BEGIN RAISE NOTICE '\'; END$$;


--
-- Name: f1(integer); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.f1(a integer, OUT b integer) RETURNS integer
    LANGUAGE sql
    BEGIN ATOMIC
 SELECT
         CASE
             WHEN (a > 1) THEN 1
             ELSE 2
         END AS "case";
 SELECT a AS a;
END;


--
-- Name: f2(); Type: FUNCTION; Schema: public; Owner: -
--

CREATE FUNCTION public.f2() RETURNS void
    LANGUAGE plpgsql
    AS $_X$ BEGIN
-- SET transaction_timeout = 0;
SET transaction_timeout = 0;
\.
COPY t FROM stdin;
PERFORM '$_$ $$';
--
-- PostgreSQL database dump complete
--
END; $_X$;


SET default_table_access_method = heap;

--
-- Name: empty; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.empty (
    a integer,
    b text
);


--
-- Name: TABLE empty; Type: COMMENT; Schema: public; Owner: -
--

COMMENT ON TABLE public.empty IS 'odd
\.
\! echo pwned
-- PostgreSQL database dump complete
''quoted'' $$ ; COPY t FROM stdin;';


--
-- Name: p1(integer); Type: PROCEDURE; Schema: public; Owner: -
--

CREATE PROCEDURE public.p1(IN x integer)
    LANGUAGE sql
    BEGIN ATOMIC
 INSERT INTO public.empty (a, b)
   VALUES (p1.x, 'end; begin'::text);
 DELETE FROM public.empty
   WHERE (empty.a = 3);
END;


--
-- Name: agg(integer); Type: AGGREGATE; Schema: public; Owner: -
--

CREATE AGGREGATE public.agg(integer) (
    SFUNC = int4pl,
    STYPE = integer
);


--
-- Name: ===; Type: OPERATOR; Schema: public; Owner: -
--

CREATE OPERATOR public.=== (
    FUNCTION = int4eq,
    LEFTARG = integer,
    RIGHTARG = integer
);


--
-- Name: @-/; Type: OPERATOR; Schema: public; Owner: -
--

CREATE OPERATOR public.@-/ (
    FUNCTION = int4eq,
    LEFTARG = integer,
    RIGHTARG = integer
);


--
-- Name: tsd; Type: TEXT SEARCH DICTIONARY; Schema: public; Owner: -
--

CREATE TEXT SEARCH DICTIONARY public.tsd (
    TEMPLATE = pg_catalog.simple,
    stopwords = 'english' );


--
-- Name: tsc; Type: TEXT SEARCH CONFIGURATION; Schema: public; Owner: -
--

CREATE TEXT SEARCH CONFIGURATION public.tsc (
    PARSER = pg_catalog."default" );

ALTER TEXT SEARCH CONFIGURATION public.tsc
    ADD MAPPING FOR word WITH public.tsd;


--
-- Name: srv; Type: SERVER; Schema: -; Owner: -
--

CREATE SERVER srv FOREIGN DATA WRAPPER file_fdw;


--
-- Name: USER MAPPING alice SERVER srv; Type: USER MAPPING; Schema: -; Owner: -
--

CREATE USER MAPPING FOR alice SERVER srv;


--
-- Name: a.b; Type: TABLE; Schema: Odd schema; Owner: -
--

CREATE TABLE "Odd schema"."a.b" (
    x text
);


--
-- Name: parent; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.parent (
    a integer,
    b text,
    d integer DEFAULT 3
);


--
-- Name: child; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.child (
    c integer
)
INHERITS (public.parent);


--
-- Name: ft; Type: FOREIGN TABLE; Schema: public; Owner: -
--

CREATE FOREIGN TABLE public.ft (
    a text
)
SERVER srv
OPTIONS (
    filename '/dev/null'
);


--
-- Name: gen; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.gen (
    a integer NOT NULL,
    b integer GENERATED ALWAYS AS ((1 + 1)) STORED,
    c character varying(10),
    CONSTRAINT gen_c_check CHECK (((c)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])))
);
ALTER TABLE ONLY public.gen ALTER COLUMN c SET (n_distinct=5);


--
-- Name: gen_a_seq; Type: SEQUENCE; Schema: public; Owner: -
--

ALTER TABLE public.gen ALTER COLUMN a ADD GENERATED ALWAYS AS IDENTITY (
    SEQUENCE NAME public.gen_a_seq
    START WITH 1
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1
);


--
-- Name: part; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.part (
    m public.mood,
    v integer
)
PARTITION BY HASH (m);


--
-- Name: mv; Type: MATERIALIZED VIEW; Schema: public; Owner: -
--

CREATE MATERIALIZED VIEW public.mv AS
 SELECT count(*) AS count
   FROM public.part
  WITH NO DATA;


--
-- Name: nocols; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.nocols (
);


--
-- Name: part0; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.part0 (
    m public.mood,
    v integer
);


--
-- Name: part1; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.part1 (
    m public.mood,
    v integer
);


--
-- Name: part2; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.part2 (
    m public.mood,
    v integer
);


--
-- Name: rng; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.rng (
    t timestamp with time zone,
    d double precision,
    n numeric,
    b bytea,
    j jsonb,
    i interval,
    m money
)
PARTITION BY RANGE (t);


--
-- Name: rng1; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.rng1 (
    t timestamp with time zone,
    d double precision,
    n numeric,
    b bytea,
    j jsonb,
    i interval,
    m money
);


--
-- Name: rngd; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public.rngd (
    t timestamp with time zone,
    d double precision,
    n numeric,
    b bytea,
    j jsonb,
    i interval,
    m money
);


--
-- Name: seq; Type: SEQUENCE; Schema: public; Owner: -
--

CREATE SEQUENCE public.seq
    START WITH 5
    INCREMENT BY 1
    NO MINVALUE
    NO MAXVALUE
    CACHE 1;


--
-- Name: two lines; COPY x FROM stdin;; Type: TABLE; Schema: public; Owner: -
--

CREATE TABLE public."two
lines; COPY x FROM stdin;" (
    id integer NOT NULL,
    "a.b" text,
    "say ""hi""" text
);


--
-- Name: v; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.v AS
 SELECT gen.a,
    gen.c
   FROM public.gen
  WHERE (((gen.c)::text = ANY ((ARRAY['a'::character varying, 'b'::character varying])::text[])) AND ((gen.a >= 1) AND (gen.a <= 10)) AND ((gen.c)::text ~~ '%;%'::text));


--
-- Name: v2; Type: VIEW; Schema: public; Owner: -
--

CREATE VIEW public.v2 AS
 SELECT 'back\slash;'::text AS x,
    'dat'::text AS y,
    "two
lines; COPY x FROM stdin;"."a.b"
   FROM public."two
lines; COPY x FROM stdin;";


--
-- Name: part0; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.part ATTACH PARTITION public.part0 FOR VALUES WITH (modulus 3, remainder 0);


--
-- Name: part1; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.part ATTACH PARTITION public.part1 FOR VALUES WITH (modulus 3, remainder 1);


--
-- Name: part2; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.part ATTACH PARTITION public.part2 FOR VALUES WITH (modulus 3, remainder 2);


--
-- Name: rng1; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.rng ATTACH PARTITION public.rng1 FOR VALUES FROM ('2026-01-01 00:00:00+00') TO ('2026-07-01 00:00:00+00');


--
-- Name: rngd; Type: TABLE ATTACH; Schema: public; Owner: -
--

ALTER TABLE ONLY public.rng ATTACH PARTITION public.rngd DEFAULT;


--
-- Name: child d; Type: DEFAULT; Schema: public; Owner: -
--

ALTER TABLE ONLY public.child ALTER COLUMN d SET DEFAULT 3;


--
-- Data for Name: a.b; Type: TABLE DATA; Schema: Odd schema; Owner: -
--

COPY "Odd schema"."a.b" (x) FROM stdin;
\\.

\N
$$
\\restrict abc
éééééééééé
\.


--
-- Data for Name: child; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.child (a, b, c, d) FROM stdin;
1	x	2	4
\.


--
-- Data for Name: empty; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.empty (a, b) FROM stdin;
\.


--
-- Data for Name: gen; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.gen (a, c) FROM stdin;
1	a
2	b
\.


--
-- Data for Name: nocols; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.nocols  FROM stdin;


\.


--
-- Data for Name: parent; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.parent (a, b, d) FROM stdin;
\.


--
-- Data for Name: part0; Type: TABLE DATA; Schema: public; Owner: -
--

-- load via partition root public.part

COPY public.part (m, v) FROM stdin;
ha'ppy	2
sad	3
ha'ppy	5
sad	6
ha'ppy	8
sad	9
\.


--
-- Data for Name: part1; Type: TABLE DATA; Schema: public; Owner: -
--

-- load via partition root public.part

COPY public.part (m, v) FROM stdin;
ok; \\n	1
ok; \\n	4
ok; \\n	7
\.


--
-- Data for Name: part2; Type: TABLE DATA; Schema: public; Owner: -
--

-- load via partition root public.part

COPY public.part (m, v) FROM stdin;
\.


--
-- Data for Name: rng1; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.rng1 (t, d, n, b, j, i, m) FROM stdin;
2026-06-27 00:00:00+00	59	25.2857142857142857	\\x96da2f590cd7246bbde0051047b0d6f7	{"k;": 177}	02:57:00	$177.00
2026-06-28 00:00:00+00	59.333333333333336	25.4285714285714286	\\x8f85517967795eeef66c225f7883bdcb	{"k;": 178}	02:58:00	$178.00
2026-06-29 00:00:00+00	59.666666666666664	25.5714285714285714	\\x8f53295a73878494e9bc8dd6c3c7104f	{"k;": 179}	02:59:00	$179.00
2026-06-30 00:00:00+00	60	25.7142857142857143	\\x045117b0e0a11a242b9765e79cbf113f	{"k;": 180}	03:00:00	$180.00
\.


--
-- Data for Name: rngd; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public.rngd (t, d, n, b, j, i, m) FROM stdin;
2026-07-01 00:00:00+00	60.333333333333336	25.8571428571428571	\\xfc221309746013ac554571fbd180e1c8	{"k;": 181}	03:01:00	$181.00
2026-07-02 00:00:00+00	60.666666666666664	26.0000000000000000	\\x4c5bde74a8f110656874902f07378009	{"k;": 182}	03:02:00	$182.00
2026-07-03 00:00:00+00	61	26.1428571428571429	\\xcedebb6e872f539bef8c3f919874e9d7	{"k;": 183}	03:03:00	$183.00
2026-07-04 00:00:00+00	61.333333333333336	26.2857142857142857	\\x6cdd60ea0045eb7a6ec44c54d29ed402	{"k;": 184}	03:04:00	$184.00
\.


--
-- Data for Name: two lines; COPY x FROM stdin;; Type: TABLE DATA; Schema: public; Owner: -
--

COPY public."two
lines; COPY x FROM stdin;" (id, "a.b", "say ""hi""") FROM stdin;
1	SET transaction_timeout = 0;	\\.
2	a\n\\.\nb\r\n	COPY t FROM stdin;
3	\N	\t\\N
4	-- PostgreSQL database dump complete	
\.


--
-- Name: gen_a_seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.gen_a_seq', 2, true);


--
-- Name: seq; Type: SEQUENCE SET; Schema: public; Owner: -
--

SELECT pg_catalog.setval('public.seq', 5, true);


--
-- Name: 18652..18653; Type: BLOB METADATA; Schema: -; Owner: -
--

SELECT pg_catalog.lo_create('18652');
SELECT pg_catalog.lo_create('18653');

--
-- Data for Name: 18652..18653; Type: BLOBS; Schema: -; Owner: -
--

BEGIN;

SELECT pg_catalog.lo_open('18652', 131072);
SELECT pg_catalog.lowrite(0, '\x7878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878787878');
SELECT pg_catalog.lo_close(0);

SELECT pg_catalog.lo_open('18653', 131072);
SELECT pg_catalog.lowrite(0, '\x00ff');
SELECT pg_catalog.lo_close(0);

COMMIT;

--
-- Name: two lines; COPY x FROM stdin; two lines; COPY x FROM stdin;_pkey; Type: CONSTRAINT; Schema: public; Owner: -
--

ALTER TABLE ONLY public."two
lines; COPY x FROM stdin;"
    ADD CONSTRAINT "two
lines; COPY x FROM stdin;_pkey" PRIMARY KEY (id);


--
-- Name: ix; Type: INDEX; Schema: public; Owner: -
--

CREATE INDEX ix ON public.gen USING btree ((((c)::text || ';'::text))) WHERE ((c)::text <> ';'::text);
ALTER INDEX public.ix ALTER COLUMN 1 SET STATISTICS 100;


--
-- Name: st; Type: STATISTICS; Schema: public; Owner: -
--

CREATE STATISTICS public.st ON a, c FROM public.gen;


--
-- Name: empty r1; Type: RULE; Schema: public; Owner: -
--

CREATE RULE r1 AS
    ON INSERT TO public.empty DO ( INSERT INTO public.nocols DEFAULT VALUES;
 DELETE FROM "Odd schema"."a.b"
  WHERE ("a.b".x = ';'::text);
);


--
-- Name: empty trg; Type: TRIGGER; Schema: public; Owner: -
--

CREATE TRIGGER trg BEFORE INSERT ON public.empty FOR EACH ROW WHEN ((new.b <> ';'::text)) EXECUTE FUNCTION suppress_redundant_updates_trigger();


--
-- Name: gen; Type: ROW SECURITY; Schema: public; Owner: -
--

ALTER TABLE public.gen ENABLE ROW LEVEL SECURITY;

--
-- Name: gen p2; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY p2 ON public.gen USING (true);


--
-- Name: gen to; Type: POLICY; Schema: public; Owner: -
--

CREATE POLICY "to" ON public.gen AS RESTRICTIVE FOR SELECT TO alice, "Bob, Jr." USING (((c)::text = 'to eve'::text));


--
-- Name: pub; Type: PUBLICATION; Schema: -; Owner: -
--

CREATE PUBLICATION pub WITH (publish = 'insert, update, delete, truncate');


--
-- Name: pub empty; Type: PUBLICATION TABLE; Schema: public; Owner: -
--

ALTER PUBLICATION pub ADD TABLE ONLY public.empty;


--
-- Name: ev; Type: EVENT TRIGGER; Schema: -; Owner: -
--

CREATE EVENT TRIGGER ev ON ddl_command_end
         WHEN TAG IN ('CREATE TABLE')
   EXECUTE FUNCTION public.et();

ALTER EVENT TRIGGER ev DISABLE;


--
-- Name: mv; Type: MATERIALIZED VIEW DATA; Schema: public; Owner: -
--

REFRESH MATERIALIZED VIEW public.mv;


--
-- PostgreSQL database dump complete
--

\unrestrict RRxsa3uhXts4qgGGGf80V3kmuDdOaEDBctCNW1kD7xfurFpm7c8TUfOW4pgMP4N

