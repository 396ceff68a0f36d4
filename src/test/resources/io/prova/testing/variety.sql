-- What PostgreSQL can hold, a little of each: for tests that bring a database back and compare it.
-- Needs the roles clerk, "Ana ""A"" Ünïcode" and auditor, and the tablespace outside.
\set ON_ERROR_STOP 1
SET client_min_messages = warning;

COMMENT ON SCHEMA public IS 'the public one';
CREATE SCHEMA "a b"".""; drop" AUTHORIZATION clerk;
COMMENT ON SCHEMA "a b"".""; drop" IS E'quotes '' and " and \\ and\na second line';
CREATE SCHEMA empty_one;
CREATE SCHEMA "-leading";
CREATE SCHEMA "Ünïcode ção 🐘";
GRANT USAGE ON SCHEMA "Ünïcode ção 🐘" TO clerk WITH GRANT OPTION;

-- Extensions, with configuration tables of their own.
CREATE SCHEMA ext;
CREATE EXTENSION pg_trgm SCHEMA ext;
CREATE EXTENSION hstore SCHEMA ext;
CREATE EXTENSION citext SCHEMA ext;
CREATE EXTENSION ltree SCHEMA ext;
CREATE EXTENSION btree_gist SCHEMA ext;
CREATE EXTENSION postgres_fdw SCHEMA ext;
COMMENT ON EXTENSION hstore IS 'a comment of our own';

-- Types.
CREATE TYPE mood AS ENUM ('sad', 'so so', 'it''s "fine"', 'ção');
ALTER TYPE mood ADD VALUE 'between' BEFORE 'so so';
CREATE TYPE pair AS (a integer, "B b" text COLLATE "C", nested mood[]);
CREATE DOMAIN positive AS numeric(12, 2) DEFAULT 1 NOT NULL CHECK (VALUE > 0);
COMMENT ON DOMAIN positive IS 'above zero';
CREATE DOMAIN pairs AS pair[] CHECK (cardinality(VALUE) < 5);
CREATE TYPE float_span AS RANGE (subtype = float8, subtype_diff = float8mi, multirange_type_name = float_spans);
CREATE TYPE shell_only;
CREATE TYPE own_integer;
CREATE FUNCTION own_integer_in(cstring) RETURNS own_integer LANGUAGE internal IMMUTABLE STRICT AS 'int4in';
CREATE FUNCTION own_integer_out(own_integer) RETURNS cstring LANGUAGE internal IMMUTABLE STRICT AS 'int4out';
CREATE TYPE own_integer (INPUT = own_integer_in, OUTPUT = own_integer_out, LIKE = integer, CATEGORY = 'N');
CREATE CAST (integer AS own_integer) WITHOUT FUNCTION AS ASSIGNMENT;
CREATE COLLATION numeric_order (provider = icu, locale = 'en-u-kn-true');
CREATE COLLATION ignoring_case (provider = icu, locale = 'und-u-ks-level2', deterministic = false);
CREATE COLLATION plain_copy FROM "C";
COMMENT ON TYPE mood IS 'how one feels';

CREATE TABLE all_types (
  id bigint GENERATED ALWAYS AS IDENTITY (START WITH 100 INCREMENT BY 7) PRIMARY KEY,
  b boolean, i2 smallint, i4 integer, i8 bigint, n numeric, n2 numeric(20, 5), n3 numeric(3, -2), f4 real, f8 double precision,
  m money, c "char", ch char(7), vc varchar(12), t text, by bytea, nm name, d date, ti time, tz timetz, ts timestamp,
  tsz timestamptz(3), iv interval, ivy interval year to month, u uuid, x xml, j json, jb jsonb, jp jsonpath, bt bit(5),
  vb varbit, ip inet, ci cidr, ma macaddr, ma8 macaddr8, o oid, rc regclass, rt regtype, lsn pg_lsn, sn pg_snapshot,
  pt point, li line, ls lseg, bo box, pa path, po polygon, cl circle, tv tsvector, tq tsquery,
  ia integer[], ta text[][], pra pair[], r4 int4range, nr numrange, tr tstzrange, dr daterange, mr int4multirange,
  tmr tstzmultirange, fs float_span, fsm float_spans, mo mood, pr pair, dom positive, doms pairs, hs ext.hstore,
  ct ext.citext, lt ext.ltree, own own_integer, vec int2vector, ov oidvector);
INSERT INTO all_types (b, i2, i4, i8, n, n2, n3, f4, f8, m, c, ch, vc, t, by, nm, d, ti, tz, ts, tsz, iv, ivy, u, x, j, jb, jp, bt,
  vb, ip, ci, ma, ma8, o, rc, rt, lsn, sn, pt, li, ls, bo, pa, po, cl, tv, tq, ia, ta, pra, r4, nr, tr, dr, mr, tmr, fs, fsm,
  mo, pr, dom, doms, hs, ct, lt, own, vec, ov)
VALUES
 (true, -32768, -2147483648, -9223372036854775808, 'NaN', 12345678901234.56789, 12300, 'NaN', 'NaN', '-92233720368547758.08',
  'a', 'pad', 'it''s', E'tab\t newline\n return\r backslash\\ quote'' "double" \\N \\. 🐘 ção', '\x00ff5c27', 'a name',
  'infinity', '24:00', '23:59:59.999999+15:59', 'infinity', '-infinity', '-1 year 2 mons -3 days 04:05:06.789', '3 years 2 months',
  'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11', '<a b="c">d &amp; e</a>', '{"b" : 1,  "a": [null, 1e400]}', '{"b": 1.10, "a": [null, "\u00e7"]}',
  '$.a[*] ? (@ > 1)', B'10101', B'', '::1/64', '10.0.0.0/8', '08:00:2b:01:02:03', '08:00:2b:01:02:03:04:05', 4294967295,
  'pg_class', 'integer', 'FFFFFFFF/FFFFFFFF', '10:20:10,14,15', '(1e-300,-Infinity)', '{1,-1,0.1}', '((1,2),(3,4))', '((1,2),(3,4))',
  '[(1,2),(3,4)]', '((1,2),(3,4),(5,6))', '<(1,2),3>', '''it'':1A ''s'':2B,3', '''fat'' & ! (''rat'':AB | ''cat'':*)',
  '[-2:0]={1,NULL,3}', '{{"a,b","NULL"},{NULL,"\"q\""}}', ARRAY[ROW(1, 'x"y', ARRAY['sad', 'ção']::mood[])::pair, NULL],
  '[1,5)', '(,1.5]', '["2020-01-01 00:00+00",infinity]', 'empty', '{[1,3),[5,6)}', '{["2020-01-01 00:00+00","2021-01-01 00:00+00")}',
  '[0.1,0.2]', '{[0.1,0.2),[0.3,infinity]}', 'it''s "fine"', ROW(NULL, E'\\"', '{}')::pair, 0.01,
  ARRAY[ROW(2, NULL, NULL)::pair], 'k=>v, "sp ace"=>NULL', 'CiText', 'Top.Child', 42::own_integer, '1 2 3', '4 5'),
 (false, 32767, 2147483647, 9223372036854775807, 'Infinity', -0.00001, -99900, '-Infinity', '-0', '92233720368547758.07',
  '\377', '', '', '', '', '', '4713-01-01 BC', '00:00:00.000001', '00:00:00-15:59', '4713-01-01 00:00:00 BC', '0044-03-15 12:00:00+00 BC',
  '178000000 years', '-1 months', '00000000-0000-0000-0000-000000000000', '<?xml version="1.0"?><r/>', 'null', '"x"', 'lax $', B'00000',
  B'1', '192.168.1.5/24', '::/0', 'ff:ff:ff:ff:ff:ff', 'ff:ff:ff:ff:ff:ff:ff:ff', 0, '"all_types"', 'mood[]', '0/0', '1:1:',
  '(0,0)', '{0,1,0}', '((0,0),(0,0))', '((0,0),(0,0))', '((0,0))', '((0,0))', '<(0,0),0>', '', '', '{}', '{}', '{}', 'empty', '(,)',
  'empty', '[2020-01-01,)', '{}', '{}', 'empty', '{}', 'between', NULL, 9999999999.99, '{}', '', '', '', (-1)::own_integer, '', '');
INSERT INTO all_types DEFAULT VALUES;
INSERT INTO all_types (n, f4, f8, tsz, iv)
  VALUES (10 ^ 1000::numeric + 0.1, 3.4028235e38, 2.2250738585072014e-308, '2026-02-28 23:59:60+05:30', '00:00:00'),
         (-1e-130, 1.17549435e-38, 4.9406564584124654e-324, '294276-12-31 23:59:59.999+00', '2562047788:00:54.775807'),
         (0.00000, 1e-45, 1.7976931348623157e308, '1883-11-18 12:03:57.5+00', '-178956970 years -8 mons -2147483648 days');
COMMENT ON TABLE all_types IS 'a row of each';
COMMENT ON COLUMN all_types.t IS E'nasty text: \' " \\ \n $1 %s :name';

-- Names.
CREATE TABLE "a b"".""; drop"."Select" ("order" integer PRIMARY KEY, "a""b" text, "%s \ '' $1" text DEFAULT 'x''\y', "🐘" integer, "new
line" integer, "-d" integer, ":v" integer);
INSERT INTO "a b"".""; drop"."Select" VALUES (1, 'one', 'two', 3, 4, 5, 6);
CREATE TABLE "Ünïcode ção 🐘"."tabela de preços" (id serial PRIMARY KEY, "preço (R$)" numeric);
INSERT INTO "Ünïcode ção 🐘"."tabela de preços" ("preço (R$)") SELECT i / 7.0 FROM generate_series(1, 50) i;
CREATE TABLE "-leading"."postgresql://x?y=z" ("dbname=x" integer);
INSERT INTO "-leading"."postgresql://x?y=z" VALUES (1), (2);
CREATE TABLE "table_with_a_name_of_63_bytes_0123456789012345678901234567890ab" (a integer);
CREATE INDEX "index on
two lines" ON "a b"".""; drop"."Select" ("🐘");
ALTER TABLE "a b"".""; drop"."Select" OWNER TO "Ana ""A"" Ünïcode";

-- Tables of every shape.
CREATE TABLE no_column ();
INSERT INTO no_column SELECT FROM generate_series(1, 3);
CREATE TABLE dropped_columns (a integer, gone text, b text, gone_too integer);
INSERT INTO dropped_columns VALUES (1, 'x', 'y', 2);
ALTER TABLE dropped_columns DROP gone, DROP gone_too, ADD added integer DEFAULT 5;
INSERT INTO dropped_columns VALUES (2, 'z', 6);
CREATE UNLOGGED TABLE unlogged_one (a integer PRIMARY KEY, b text);
INSERT INTO unlogged_one SELECT i, 'u' || i FROM generate_series(1, 20) i;
CREATE TABLE generated (a integer, b integer GENERATED ALWAYS AS (a * 2) STORED, c integer GENERATED BY DEFAULT AS IDENTITY);
INSERT INTO generated (a) SELECT generate_series(1, 10);
CREATE TABLE toasted (id integer, plain text, packed text COMPRESSION pglz, bin bytea);
ALTER TABLE toasted ALTER plain SET STORAGE EXTERNAL;
INSERT INTO toasted SELECT i, repeat(md5(i::text), 3000), repeat('abc', 100000), decode(repeat(md5(i::text), 2000), 'hex') FROM generate_series(1, 12) i;
CREATE TABLE parent (a integer CHECK (a > 0), b text NOT NULL DEFAULT 'p');
CREATE TABLE child (c integer, CONSTRAINT c_positive CHECK (c > 0) NO INHERIT) INHERITS (parent);
CREATE TABLE grandchild (b text DEFAULT 'g', d integer) INHERITS (child);

INSERT INTO parent (a) VALUES (1); INSERT INTO child (a, c) VALUES (2, 2); INSERT INTO grandchild (a, c, d) VALUES (3, 3, 3);
CREATE TABLE parts (id integer, region text, at date NOT NULL, note text) PARTITION BY RANGE (at);
CREATE TABLE parts_2025 PARTITION OF parts FOR VALUES FROM ('2025-01-01') TO ('2026-01-01') PARTITION BY LIST (region);
CREATE TABLE parts_2025_south PARTITION OF parts_2025 FOR VALUES IN ('south', NULL) PARTITION BY HASH (id);
CREATE TABLE parts_2025_south_0 PARTITION OF parts_2025_south FOR VALUES WITH (MODULUS 2, REMAINDER 0);
CREATE TABLE parts_2025_south_1 (note text, at date NOT NULL, region text, id integer) TABLESPACE outside;
ALTER TABLE parts_2025_south ATTACH PARTITION parts_2025_south_1 FOR VALUES WITH (MODULUS 2, REMAINDER 1);
CREATE TABLE parts_2025_rest PARTITION OF parts_2025 DEFAULT;
CREATE TABLE parts_rest PARTITION OF parts DEFAULT;
CREATE INDEX ON parts (id, at);
ALTER TABLE parts ADD PRIMARY KEY (id, at, region);
INSERT INTO parts SELECT i, CASE i % 3 WHEN 0 THEN 'south' ELSE 'north' END, date '2024-06-01' + i, 'n' || i FROM generate_series(1, 800) i;
CREATE TABLE refers (id integer PRIMARY KEY, p_id integer, p_at date, p_region text,
  self integer REFERENCES refers DEFERRABLE INITIALLY DEFERRED,
  FOREIGN KEY (p_id, p_at, p_region) REFERENCES parts ON DELETE SET NULL (p_id));
INSERT INTO refers SELECT i, id, at, region, i FROM (SELECT row_number() OVER () AS i, * FROM parts LIMIT 40) s;
CREATE TABLE rooms (room integer, during tstzrange, deleted boolean,
  EXCLUDE USING gist (room WITH =, during WITH &&) WHERE (NOT deleted));
INSERT INTO rooms VALUES (1, '[2020-01-01 00:00+00, 2020-01-02 00:00+00)', false), (1, '[2020-01-02 00:00+00, 2020-01-03 00:00+00)', false);
CREATE TABLE not_yet (a integer);
INSERT INTO not_yet VALUES (-1);
ALTER TABLE not_yet ADD CONSTRAINT later CHECK (a > 0) NOT VALID;
CREATE TABLE uniques (a integer, b integer, UNIQUE NULLS NOT DISTINCT (a), UNIQUE (b) DEFERRABLE) WITH (fillfactor = 70, autovacuum_enabled = false);
INSERT INTO uniques VALUES (NULL, NULL), (1, NULL);
CREATE UNIQUE INDEX odd_index ON uniques ((a + b) DESC NULLS LAST) INCLUDE (b) WHERE a > 0;
CREATE TABLE clustered (a integer NOT NULL, b text);
CREATE UNIQUE INDEX clustered_a ON clustered (a);
ALTER TABLE clustered CLUSTER ON clustered_a, REPLICA IDENTITY USING INDEX clustered_a, ALTER b SET STATISTICS 500, ALTER b SET (n_distinct = -0.5);
INSERT INTO clustered SELECT i, ext.similarity('a' || i, 'b')::text FROM generate_series(1, 30) i;
CREATE INDEX ON clustered USING gin (b ext.gin_trgm_ops);
CREATE INDEX ON clustered USING brin (a);
CREATE INDEX ON clustered USING hash (b);
CREATE INDEX ON clustered (b COLLATE numeric_order text_pattern_ops);
CREATE TABLE in_space (a integer PRIMARY KEY USING INDEX TABLESPACE outside) TABLESPACE outside;
INSERT INTO in_space SELECT generate_series(1, 500);
CREATE TABLE insensitive (a text COLLATE ignoring_case PRIMARY KEY);
INSERT INTO insensitive VALUES ('Ação'), ('b');
CREATE TABLE of_type OF pair (PRIMARY KEY (a));
INSERT INTO of_type VALUES (1, 'x', '{sad}');
CREATE ACCESS METHOD own_heap TYPE TABLE HANDLER heap_tableam_handler;
CREATE TABLE by_method (a integer) USING own_heap;
CREATE STATISTICS dependent (ndistinct, dependencies, mcv) ON a, b FROM clustered;
CREATE STATISTICS of_expressions ON (a % 2), (length(b)) FROM clustered;
ALTER STATISTICS dependent SET STATISTICS 77;
COMMENT ON STATISTICS dependent IS 'statistics with a comment';

-- Sequences.
CREATE SEQUENCE plain_sequence AS smallint START 5 INCREMENT -3 MINVALUE -100 MAXVALUE 50 CYCLE CACHE 4;
SELECT nextval('plain_sequence'), nextval('plain_sequence');
CREATE SEQUENCE never_called START 9;
CREATE SEQUENCE "Quoted Sequence" OWNED BY clustered.a;
SELECT setval('"Quoted Sequence"', 9223372036854775807);
CREATE UNLOGGED SEQUENCE unlogged_sequence;

-- Code.
CREATE FUNCTION add_all(VARIADIC numbers numeric[] DEFAULT '{}', OUT total numeric) LANGUAGE sql IMMUTABLE PARALLEL SAFE COST 7
  AS $_$ SELECT coalesce(sum(n), 0) FROM unnest(numbers) n $_$;
CREATE FUNCTION standard_body(a integer, b integer DEFAULT 3) RETURNS integer LANGUAGE sql BEGIN ATOMIC SELECT a + b; END;
CREATE FUNCTION rows_of(wanted integer) RETURNS TABLE (a integer, b text) LANGUAGE plpgsql STABLE SECURITY DEFINER ROWS 12
  SET search_path = public, pg_temp SET work_mem = '5MB'
  AS $body$ BEGIN /* 'quote' $$ */ RETURN QUERY SELECT c.a, c.b FROM clustered c LIMIT wanted; END $body$;
CREATE PROCEDURE do_nothing(INOUT x integer) LANGUAGE plpgsql AS 'BEGIN x := x + 1; END';
CREATE AGGREGATE longest(text) (sfunc = textcat, stype = text, initcond = '');
CREATE AGGREGATE percentile_own(float8 ORDER BY anyelement) (sfunc = ordered_set_transition, stype = internal,
  finalfunc = percentile_disc_final, finalfunc_extra);
CREATE FUNCTION pair_is(pair, pair) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT ($1).a = ($2).a';
CREATE OPERATOR === (leftarg = pair, rightarg = pair, function = pair_is, commutator = ===, restrict = eqsel, join = eqjoinsel);
CREATE FUNCTION own_compare(own_integer, own_integer) RETURNS integer LANGUAGE internal IMMUTABLE STRICT AS 'btint4cmp';
CREATE FUNCTION own_less(own_integer, own_integer) RETURNS boolean LANGUAGE internal IMMUTABLE STRICT AS 'int4lt';
CREATE OPERATOR < (leftarg = own_integer, rightarg = own_integer, function = own_less);
CREATE OPERATOR FAMILY own_family USING btree;
CREATE OPERATOR CLASS own_class FOR TYPE own_integer USING btree FAMILY own_family AS OPERATOR 1 <, FUNCTION 1 own_compare(own_integer, own_integer);
CREATE CONVERSION own_conversion FOR 'LATIN1' TO 'UTF8' FROM iso8859_1_to_utf8;
CREATE CAST (pair AS xml) WITH INOUT AS ASSIGNMENT;
CREATE FUNCTION on_change() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.b := upper(NEW.b); RETURN NEW; END $$;
CREATE TRIGGER changes BEFORE INSERT OR UPDATE OF b ON clustered FOR EACH ROW WHEN (NEW.a > 0) EXECUTE FUNCTION on_change('arg ''1''');
CREATE TRIGGER disabled_one BEFORE INSERT ON parent FOR EACH ROW EXECUTE FUNCTION on_change();
ALTER TABLE parent DISABLE TRIGGER disabled_one;
CREATE FUNCTION do_not_mind() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NULL; END $$;
CREATE TRIGGER of_parts AFTER INSERT ON parts FOR EACH ROW EXECUTE FUNCTION do_not_mind();
ALTER TABLE parts_rest ENABLE ALWAYS TRIGGER of_parts;
CREATE CONSTRAINT TRIGGER deferred_one AFTER INSERT ON refers DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION do_not_mind();
CREATE FUNCTION on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM 1; END $$;
CREATE EVENT TRIGGER watch_ddl ON ddl_command_end WHEN TAG IN ('CREATE TABLE', 'DROP TABLE') EXECUTE FUNCTION on_ddl();
ALTER EVENT TRIGGER watch_ddl DISABLE;

-- Views and rules.
CREATE VIEW simple_view WITH (security_barrier) AS SELECT a, b FROM clustered WHERE a < 10 WITH LOCAL CHECK OPTION;
CREATE VIEW as_invoker WITH (security_invoker = true) AS TABLE simple_view;
CREATE RECURSIVE VIEW counting (n) AS VALUES (1) UNION ALL SELECT n + 1 FROM counting WHERE n < 5;
CREATE VIEW circle_a AS SELECT 1 AS x;
CREATE FUNCTION reads_circle() RETURNS SETOF circle_a LANGUAGE sql AS 'SELECT 1';
CREATE OR REPLACE VIEW circle_a AS SELECT x FROM (SELECT 1 AS x) s WHERE EXISTS (SELECT FROM reads_circle());
CREATE MATERIALIZED VIEW counted TABLESPACE outside AS SELECT region, count(*) AS n FROM parts GROUP BY region ORDER BY region;
CREATE UNIQUE INDEX ON counted (region);
CREATE MATERIALIZED VIEW not_filled AS SELECT * FROM counted WITH NO DATA;
CREATE MATERIALIZED VIEW on_another AS SELECT * FROM counted ORDER BY n;
CREATE RULE no_delete AS ON DELETE TO clustered DO INSTEAD NOTHING;
CREATE RULE to_view AS ON INSERT TO as_invoker DO INSTEAD INSERT INTO clustered VALUES (NEW.a, NEW.b) RETURNING a, b;
COMMENT ON RULE no_delete ON clustered IS 'nothing goes';
COMMENT ON VIEW simple_view IS 'seen simply';

-- Row security, forced and with nobody let in.
CREATE TABLE secured (owner name, secret text);
INSERT INTO secured SELECT CASE i % 2 WHEN 0 THEN 'clerk' ELSE 'auditor' END, 's' || i FROM generate_series(1, 40) i;
ALTER TABLE secured OWNER TO clerk;
ALTER TABLE secured ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;
CREATE POLICY own_rows ON secured USING (owner = current_user) WITH CHECK (owner = current_user);
CREATE POLICY "policy of 'auditor'" ON secured AS RESTRICTIVE FOR SELECT TO auditor USING (secret <> 'x');
CREATE TABLE sealed (a integer);
INSERT INTO sealed VALUES (1), (2), (3);
ALTER TABLE sealed ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY;

-- Text search.
CREATE TEXT SEARCH DICTIONARY own_dictionary (template = simple, accept = false);
CREATE TEXT SEARCH CONFIGURATION own_search (COPY = portuguese);
ALTER TEXT SEARCH CONFIGURATION own_search ALTER MAPPING FOR asciiword WITH own_dictionary, portuguese_stem;
COMMENT ON TEXT SEARCH CONFIGURATION own_search IS 'for searching';

-- Foreign data.
CREATE FOREIGN DATA WRAPPER nothing_behind OPTIONS (debug 'true');
CREATE SERVER elsewhere TYPE 'x' VERSION '1' FOREIGN DATA WRAPPER postgres_fdw OPTIONS (host '203.0.113.1', dbname 'o''ther');
CREATE USER MAPPING FOR clerk SERVER elsewhere OPTIONS (user 'remote', password 'se''cret');
CREATE USER MAPPING FOR PUBLIC SERVER elsewhere;
CREATE FOREIGN TABLE far_away (a integer OPTIONS (column_name 'A'), b text NOT NULL DEFAULT 'd') SERVER elsewhere OPTIONS (schema_name 's', table_name 't');
GRANT USAGE ON FOREIGN SERVER elsewhere TO clerk;

-- Publications and a subscription that never connects.
CREATE PUBLICATION everything FOR ALL TABLES WITH (publish = 'insert');
CREATE PUBLICATION "some" FOR TABLE in_space WHERE (a > 5), TABLES IN SCHEMA empty_one WITH (publish_via_partition_root = true);
CREATE SUBSCRIPTION of_nobody CONNECTION 'host=/nonexistent dbname=x' PUBLICATION p WITH (connect = false, slot_name = NONE);

-- Large objects.
SELECT lo_from_bytea(70001, '\x00010203ff');
SELECT lo_from_bytea(70002, convert_to(repeat('large ', 50000), 'UTF8'));
SELECT lo_create(70003);
COMMENT ON LARGE OBJECT 70001 IS 'a picture';
ALTER LARGE OBJECT 70002 OWNER TO clerk;
GRANT SELECT, UPDATE ON LARGE OBJECT 70002 TO auditor;

-- Rights.
GRANT SELECT, UPDATE (b) ON clustered TO clerk;
GRANT ALL ON clustered TO auditor WITH GRANT OPTION;
REVOKE ALL ON FUNCTION standard_body FROM PUBLIC;
GRANT EXECUTE ON FUNCTION standard_body TO clerk;
GRANT USAGE ON TYPE mood TO clerk;
REVOKE USAGE ON TYPE positive FROM PUBLIC;
GRANT USAGE ON LANGUAGE plpgsql TO clerk;
REVOKE CREATE ON SCHEMA public FROM PUBLIC;
GRANT SELECT ON SEQUENCE plain_sequence TO PUBLIC;
REVOKE ALL ON all_types FROM postgres;
GRANT SELECT ON pg_catalog.pg_authid TO auditor;
ALTER DEFAULT PRIVILEGES FOR ROLE clerk GRANT SELECT ON TABLES TO auditor;
ALTER DEFAULT PRIVILEGES FOR ROLE clerk IN SCHEMA public GRANT UPDATE ON SEQUENCES TO auditor;
ALTER DEFAULT PRIVILEGES FOR ROLE clerk REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

REFRESH MATERIALIZED VIEW counted;
ANALYZE;
