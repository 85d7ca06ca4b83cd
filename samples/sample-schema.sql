-- The sample database: a service that analyses videos.
--
-- It holds one of nearly everything a backup can meet, arranged as a product would have it. Plain SQL for PostgreSQL 14
-- and later: no psql commands, no extensions. sample-data.sql fills it.
--
--   1 Schemas and types        5 Billing
--   2 Functions                6 Operations
--   3 People                   7 Analytics
--   4 Videos                   8 Corners
--                              9 Access

SET check_function_bodies = true;


-- 1 Schemas and types ------------------------------------------------------------------------------------------------

CREATE SCHEMA billing;
CREATE SCHEMA analytics;

COMMENT ON SCHEMA billing IS 'Plans, invoices and payments; amounts are in the invoice''s currency.';
COMMENT ON SCHEMA analytics IS 'Figures derived from the other schemas, and raw events.';

CREATE TYPE member_role AS ENUM ('owner', 'admin', 'editor', 'viewer');
CREATE TYPE analysis_status AS ENUM ('queued', 'running', 'succeeded', 'failed', 'cancelled');
CREATE TYPE chat_author AS ENUM ('user', 'assistant', 'system', 'tool');
CREATE TYPE notification_channel AS ENUM ('email', 'push', 'webhook', 'in-app', 'it''s "quoted"');
CREATE TYPE quota_metric AS ENUM ('minutes', 'storage_bytes', 'api_calls', 'seats');
-- Not in alphabetical order, and extended later, as enums are.
CREATE TYPE billing.invoice_status AS ENUM ('draft', 'open', 'paid', 'void');
ALTER TYPE billing.invoice_status ADD VALUE 'uncollectible' BEFORE 'void';

CREATE DOMAIN email_address AS text
    CHECK (VALUE ~ '^[^@[:space:]]+@[^@[:space:]]+\.[^@[:space:]]+$');
CREATE DOMAIN percentage AS numeric(5, 2)
    CONSTRAINT percentage_in_range CHECK (VALUE BETWEEN 0 AND 100);
CREATE DOMAIN language_tag AS text DEFAULT 'en' NOT NULL
    CHECK (VALUE ~ '^[a-z]{2,3}(-[A-Z][A-Za-z]+)?$');
CREATE DOMAIN billing.currency_code AS char(3)
    CHECK (VALUE ~ '^[A-Z]{3}$');
CREATE DOMAIN sha256_digest AS bytea
    CHECK (octet_length(VALUE) = 32);

CREATE TYPE postal_address AS (
    street text,
    city text,
    postal_code varchar(12),
    country char(2)
);
CREATE TYPE bounding_box AS (
    x real,
    y real,
    width real,
    height real
);

-- Seconds from the start of a video.
CREATE TYPE time_span AS RANGE (SUBTYPE = float8, SUBTYPE_DIFF = float8mi);

CREATE COLLATION byte_order FROM "C";

CREATE TEXT SEARCH CONFIGURATION spoken (COPY = pg_catalog.simple);

COMMENT ON TYPE analysis_status IS 'The life of an analysis:
queued -> running -> succeeded | failed,
and "cancelled" from anywhere. It''s the user''s word that counts.';
COMMENT ON DOMAIN email_address IS $$Good enough: something, '@', something with a dot. Not RFC 5322.$$;


-- 2 Functions --------------------------------------------------------------------------------------------------------

CREATE FUNCTION touch_updated_at() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    NEW.updated_at := now();
    RETURN NEW;
END;
$$;

CREATE FUNCTION normalised_email(address text) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
RETURN lower(btrim(address));

CREATE FUNCTION timecode(seconds float8) RETURNS text
LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
        WHEN seconds < 0 THEN '-' || to_char(make_interval(secs => -seconds), 'HH24:MI:SS.MS')
        ELSE to_char(make_interval(secs => seconds), 'HH24:MI:SS.MS')
    END;
END;

-- A body that looks like the end of a dump to whoever reads dumps line by line.
CREATE FUNCTION dump_header(table_name text) RETURNS text
LANGUAGE plpgsql IMMUTABLE AS $body$
DECLARE
    header text := $header$
COPY public.users (id, email) FROM stdin;
1	nobody@example.com
\.

SET transaction_timeout = 0;
--
-- PostgreSQL database dump complete
--
$header$;
BEGIN
    -- An apostrophe in a comment isn't the start of a string; neither is this dollar: $1.
    /* nor /* nested */ 'this; */
    RETURN replace(header, 'public.users', quote_ident(table_name)) || E'\\.\n' || 'it''s; done';
END;
$body$;

CREATE FUNCTION array_median(double precision[]) RETURNS double precision
LANGUAGE sql IMMUTABLE STRICT AS
'SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY value) FROM unnest($1) AS value';

CREATE AGGREGATE median(double precision) (
    SFUNC = array_append,
    STYPE = double precision[],
    INITCOND = '{}',
    FINALFUNC = array_median
);

COMMENT ON FUNCTION timecode(float8) IS E'12.5 -> ''00:00:12.500''.\nNegative offsets keep their sign; a backslash \\ stays one.';


-- 3 People -----------------------------------------------------------------------------------------------------------

CREATE TABLE organisations (
    id integer GENERATED ALWAYS AS IDENTITY (START WITH 1000 INCREMENT BY 3) PRIMARY KEY,
    slug text COLLATE byte_order NOT NULL UNIQUE,
    name text NOT NULL,
    owner_id bigint,
    address postal_address,
    branches postal_address[] NOT NULL DEFAULT '{}',
    settings jsonb NOT NULL DEFAULT '{}',
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT slug_is_lower_case CHECK (slug = lower(slug))
);

CREATE TABLE users (
    id bigint GENERATED BY DEFAULT AS IDENTITY PRIMARY KEY,
    public_id uuid NOT NULL DEFAULT gen_random_uuid(),
    email email_address NOT NULL,
    email_domain text GENERATED ALWAYS AS (split_part(email::text, '@', 2)) STORED,
    display_name text NOT NULL,
    language language_tag,
    time_zone text NOT NULL DEFAULT 'UTC',
    home_organisation_id integer REFERENCES organisations (id) ON DELETE SET NULL DEFERRABLE INITIALLY DEFERRED,
    password_hash text,
    last_seen_from inet,
    created_at timestamptz NOT NULL,
    updated_at timestamptz NOT NULL DEFAULT now(),
    deleted_at timestamptz
);

-- The two tables refer to each other, so one side is checked at commit.
ALTER TABLE organisations ADD CONSTRAINT organisations_owner_id_fkey
    FOREIGN KEY (owner_id) REFERENCES users (id) DEFERRABLE INITIALLY IMMEDIATE;

CREATE UNIQUE INDEX users_public_id_key ON users (public_id);
CREATE UNIQUE INDEX users_email_key ON users (normalised_email(email)) WHERE deleted_at IS NULL;
CREATE INDEX users_email_domain_idx ON users (email_domain) INCLUDE (display_name);
CREATE INDEX organisations_settings_idx ON organisations USING gin (settings jsonb_path_ops);

CREATE TABLE memberships (
    organisation_id integer NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    role member_role NOT NULL DEFAULT 'viewer',
    valid tstzrange NOT NULL DEFAULT tstzrange(now(), NULL),
    invited_by bigint REFERENCES users (id),
    PRIMARY KEY (organisation_id, user_id)
);

CREATE INDEX memberships_user_id_idx ON memberships (user_id);
CREATE INDEX memberships_valid_idx ON memberships USING gist (valid);

CREATE TABLE user_settings (
    user_id bigint PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    settings jsonb NOT NULL DEFAULT '{"theme": "system"}',
    CONSTRAINT settings_is_object CHECK (jsonb_typeof(settings) = 'object')
);

CREATE INDEX user_settings_settings_idx ON user_settings USING gin (settings);

CREATE TABLE api_keys (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    organisation_id integer NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    prefix char(8) NOT NULL,
    key_hash sha256_digest NOT NULL,
    scopes text[] NOT NULL DEFAULT ARRAY['videos:read'],
    allowed_networks cidr[],
    expires_at timestamptz NOT NULL DEFAULT 'infinity',
    revoked_at timestamptz
);

CREATE UNIQUE INDEX api_keys_live_prefix_key ON api_keys (organisation_id, prefix) WHERE revoked_at IS NULL;

CREATE TABLE login_sessions (
    id uuid PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    address inet NOT NULL,
    device macaddr,
    user_agent text NOT NULL,
    started_at timestamptz NOT NULL,
    lasted interval
);

CREATE INDEX login_sessions_address_idx ON login_sessions USING gist (address inet_ops);

CREATE TRIGGER touch_updated_at BEFORE UPDATE OF slug, name, address, settings ON organisations
    FOR EACH ROW EXECUTE FUNCTION touch_updated_at();
CREATE TRIGGER touch_updated_at BEFORE UPDATE ON users
    FOR EACH ROW WHEN (OLD.display_name IS DISTINCT FROM NEW.display_name OR OLD.email <> NEW.email)
    EXECUTE FUNCTION touch_updated_at();

COMMENT ON TABLE users IS E'People who can sign in.\n\nDeleted ones keep their row (deleted_at); \'gone\' is "soft" here; see the rule on active_users.';
COMMENT ON COLUMN users.password_hash IS 'argon2id; NULL for single sign-on';
COMMENT ON COLUMN api_keys.key_hash IS 'SHA-256 of the key. The key itself is shown once and kept nowhere.';
COMMENT ON INDEX users_email_key IS 'An address may come back after its account was deleted.';


-- 4 Videos -----------------------------------------------------------------------------------------------------------

CREATE TABLE videos (
    id uuid PRIMARY KEY,
    organisation_id integer NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    uploaded_by bigint REFERENCES users (id) ON DELETE SET NULL,
    title text NOT NULL,
    description text,
    duration interval NOT NULL CHECK (duration > interval '0'),
    width smallint NOT NULL,
    height smallint NOT NULL,
    aspect_ratio numeric(6, 4) GENERATED ALWAYS AS (round(width::numeric / height, 4)) STORED,
    frame_rate numeric(7, 3),
    recorded_at point,
    metadata jsonb NOT NULL DEFAULT '{}',
    uploaded_at timestamptz NOT NULL
);

CREATE INDEX videos_by_organisation_idx ON videos (organisation_id, uploaded_at DESC NULLS LAST);
CREATE INDEX videos_title_idx ON videos (lower(title) text_pattern_ops);
CREATE INDEX videos_uploaded_at_idx ON videos USING brin (uploaded_at) WITH (pages_per_range = 32);

CREATE TABLE model_versions (
    id smallint PRIMARY KEY,
    name text NOT NULL,
    version text NOT NULL,
    released date NOT NULL,
    retired date DEFAULT 'infinity',
    weights_hash sha256_digest,
    hyperparameters json NOT NULL,
    UNIQUE (name, version),
    CHECK (released < retired)
);

CREATE TABLE video_analyses (
    id bigint PRIMARY KEY,
    video_id uuid NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
    model_id smallint NOT NULL REFERENCES model_versions (id),
    status analysis_status NOT NULL DEFAULT 'queued',
    progress percentage NOT NULL DEFAULT 0,
    result jsonb,
    error text,
    started_at timestamptz,
    finished_at timestamptz,
    took interval GENERATED ALWAYS AS (finished_at - started_at) STORED,
    CHECK (status <> 'failed' OR error IS NOT NULL),
    CHECK (finished_at >= started_at)
);

CREATE SEQUENCE video_analyses_id_seq AS bigint START WITH 100003 INCREMENT BY 7 CACHE 20 OWNED BY video_analyses.id;
ALTER TABLE video_analyses ALTER COLUMN id SET DEFAULT nextval('video_analyses_id_seq');

CREATE INDEX video_analyses_waiting_idx ON video_analyses (model_id, id) WHERE status IN ('queued', 'running');
CREATE INDEX video_analyses_video_id_idx ON video_analyses (video_id);
CREATE INDEX video_analyses_labels_idx ON video_analyses USING gin ((result -> 'labels'));
CREATE STATISTICS video_analyses_status_by_model (dependencies, ndistinct) ON status, model_id FROM video_analyses;

CREATE TABLE detections (
    analysis_id bigint NOT NULL REFERENCES video_analyses (id) ON DELETE CASCADE,
    number integer NOT NULL,
    label text NOT NULL,
    confidence real NOT NULL CHECK (confidence BETWEEN 0 AND 1),
    seen time_span NOT NULL,
    area bounding_box NOT NULL,
    outline polygon,
    PRIMARY KEY (analysis_id, number)
);

CREATE TABLE transcripts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    video_id uuid NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
    language language_tag,
    full_text text NOT NULL,
    words integer NOT NULL,
    search tsvector GENERATED ALWAYS AS (to_tsvector('pg_catalog.simple'::regconfig, full_text)) STORED,
    UNIQUE (video_id, language)
);

ALTER TABLE transcripts ALTER COLUMN full_text SET STATISTICS 50;
CREATE INDEX transcripts_search_idx ON transcripts USING gin (search);

CREATE TABLE transcript_segments (
    transcript_id bigint NOT NULL REFERENCES transcripts (id) ON DELETE CASCADE,
    number integer NOT NULL,
    seconds numrange NOT NULL,
    speaker text,
    text text NOT NULL,
    confidence percentage,
    PRIMARY KEY (transcript_id, number),
    CHECK (NOT isempty(seconds))
) WITH (fillfactor = 95);

CREATE TABLE tags (
    id integer PRIMARY KEY,
    parent_id integer REFERENCES tags (id) DEFERRABLE INITIALLY DEFERRED,
    name text NOT NULL,
    synonyms text[] NOT NULL DEFAULT '{}',
    colour bit(24) NOT NULL DEFAULT B'000000000000000000000000',
    CONSTRAINT not_its_own_parent CHECK (parent_id <> id)
);

-- One root of each name; NULLs would not collide in a plain unique constraint.
CREATE UNIQUE INDEX tags_name_key ON tags (coalesce(parent_id, 0), lower(name));
CREATE INDEX tags_synonyms_idx ON tags USING gin (synonyms);

CREATE TABLE video_tags (
    video_id uuid NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
    tag_id integer NOT NULL REFERENCES tags (id),
    weights real[],
    PRIMARY KEY (video_id, tag_id)
);

CREATE TABLE thumbnails (
    video_id uuid PRIMARY KEY REFERENCES videos (id) ON DELETE CASCADE,
    mime_type text NOT NULL DEFAULT 'image/webp',
    image bytea NOT NULL
);

-- Images are compressed already.
ALTER TABLE thumbnails ALTER COLUMN image SET STORAGE EXTERNAL;

CREATE TABLE attachments (
    id integer PRIMARY KEY,
    video_id uuid REFERENCES videos (id) ON DELETE CASCADE,
    file_name text NOT NULL,
    content oid NOT NULL
);

-- Old-style inheritance: the archive is part of every SELECT on media_files.
CREATE TABLE media_files (
    id integer PRIMARY KEY,
    video_id uuid NOT NULL,
    bucket text NOT NULL,
    path text NOT NULL,
    bytes bigint NOT NULL CHECK (bytes >= 0)
);
CREATE TABLE media_files_archive (
    archived_at timestamptz NOT NULL,
    CHECK (bucket = 'archive')
) INHERITS (media_files);

CREATE VIEW latest_analyses AS
SELECT DISTINCT ON (analysis.video_id)
    analysis.video_id, analysis.id AS analysis_id, analysis.status, model.name AS model, analysis.finished_at
FROM video_analyses AS analysis
JOIN model_versions AS model ON model.id = analysis.model_id
ORDER BY analysis.video_id, analysis.id DESC;

CREATE VIEW short_videos AS
SELECT id, organisation_id, title, duration, width, height, uploaded_at
FROM videos
WHERE duration < interval '1 minute'
WITH LOCAL CHECK OPTION;

CREATE RECURSIVE VIEW tag_paths (id, path) AS
    SELECT id, ARRAY[name] FROM tags WHERE parent_id IS NULL
    UNION ALL
    SELECT tags.id, tag_paths.path || tags.name FROM tags JOIN tag_paths ON tag_paths.id = tags.parent_id;

CREATE FUNCTION videos_of(organisation integer, how_many integer DEFAULT 10)
RETURNS TABLE (title text, uploaded_at timestamptz)
LANGUAGE sql STABLE
BEGIN ATOMIC
    SELECT videos.title, videos.uploaded_at
    FROM videos
    WHERE videos.organisation_id = videos_of.organisation
    ORDER BY videos.uploaded_at DESC
    LIMIT videos_of.how_many;
END;

COMMENT ON COLUMN attachments.content IS 'a large object: SELECT lo_get(content)';
COMMENT ON VIEW latest_analyses IS 'One row a video; "latest" is by id, not by finished_at';


-- 5 Billing ----------------------------------------------------------------------------------------------------------

CREATE TABLE billing.plans (
    code text PRIMARY KEY,
    name text NOT NULL,
    monthly_price numeric(10, 2) NOT NULL,
    included jsonb NOT NULL,
    offered daterange NOT NULL
);

-- A plan that was ever sold is never deleted.
CREATE RULE plans_are_kept AS ON DELETE TO billing.plans DO INSTEAD NOTHING;

CREATE TABLE billing.subscriptions (
    organisation_id integer PRIMARY KEY REFERENCES public.organisations (id),
    plan_code text NOT NULL REFERENCES billing.plans (code) ON UPDATE CASCADE,
    period tstzrange NOT NULL,
    seats integer NOT NULL DEFAULT 1 CHECK (seats > 0),
    discount public.percentage
);

-- Counts down: the numbers of a series that was closed.
CREATE SEQUENCE billing.legacy_number_seq AS smallint INCREMENT BY -5 MAXVALUE 32000 MINVALUE -32000 START WITH 32000 CYCLE;
CREATE SEQUENCE billing.invoice_number_seq START WITH 20250001 INCREMENT BY 11;

CREATE TABLE billing.invoices (
    number bigint PRIMARY KEY DEFAULT nextval('billing.invoice_number_seq'),
    organisation_id integer NOT NULL REFERENCES public.organisations (id),
    status billing.invoice_status NOT NULL DEFAULT 'draft',
    currency billing.currency_code NOT NULL DEFAULT 'EUR',
    bill_to public.postal_address NOT NULL,
    issued_on date,
    due_on date,
    note varchar(200),
    CONSTRAINT issued_unless_draft CHECK ((status = 'draft') = (issued_on IS NULL)),
    CONSTRAINT due_after_issue CHECK (due_on >= issued_on)
);

CREATE INDEX invoices_open_idx ON billing.invoices (due_on) WHERE status = 'open';

CREATE TABLE billing.invoice_lines (
    invoice_number bigint NOT NULL REFERENCES billing.invoices (number) ON DELETE CASCADE,
    line smallint NOT NULL,
    description text NOT NULL,
    quantity numeric NOT NULL,
    unit_price numeric(14, 4) NOT NULL,
    total numeric GENERATED ALWAYS AS (quantity * unit_price) STORED,
    PRIMARY KEY (invoice_number, line)
);

CREATE TABLE billing.payments (
    id uuid PRIMARY KEY,
    invoice_number bigint NOT NULL REFERENCES billing.invoices (number),
    amount numeric(14, 2) NOT NULL,
    paid_at timestamptz NOT NULL,
    processor_reply jsonb
);

CREATE TABLE billing.coupons (
    code text COLLATE public.byte_order PRIMARY KEY,
    discount public.percentage NOT NULL,
    valid datemultirange NOT NULL,
    uses_left integer
);

CREATE TABLE billing.exchange_rates (
    currency billing.currency_code,
    day date,
    rate numeric(20, 10) NOT NULL CHECK (rate > 0),
    PRIMARY KEY (currency, day)
);

CREATE TABLE credit_transactions (
    id bigint PRIMARY KEY,
    organisation_id integer NOT NULL REFERENCES organisations (id),
    amount numeric(12, 4) NOT NULL CHECK (amount <> 0),
    reason text NOT NULL,
    analysis_id bigint REFERENCES video_analyses (id) ON DELETE SET NULL,
    booked_at timestamptz NOT NULL,
    idempotency_key uuid NOT NULL UNIQUE
);

CREATE INDEX credit_transactions_by_organisation_idx ON credit_transactions (organisation_id, booked_at);

CREATE TABLE credit_balances (
    organisation_id integer PRIMARY KEY REFERENCES organisations (id) ON DELETE CASCADE,
    balance numeric(16, 4) NOT NULL
);

CREATE FUNCTION book_credits() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    INSERT INTO credit_balances AS balances (organisation_id, balance)
    SELECT organisation_id, sum(amount) FROM booked GROUP BY organisation_id
    ON CONFLICT (organisation_id) DO UPDATE SET balance = balances.balance + EXCLUDED.balance;
    RETURN NULL;
END;
$$;

CREATE TRIGGER book_credits AFTER INSERT ON credit_transactions
    REFERENCING NEW TABLE AS booked
    FOR EACH STATEMENT EXECUTE FUNCTION book_credits();

CREATE FUNCTION refuse_change() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Rows of % are never changed', TG_TABLE_NAME
        USING HINT = 'Book the opposite instead; 100% of the mistakes so far could be undone so.';
END;
$$;

CREATE TRIGGER append_only BEFORE UPDATE OR DELETE ON credit_transactions
    FOR EACH ROW EXECUTE FUNCTION refuse_change();

CREATE TABLE quotas (
    organisation_id integer NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    metric quota_metric NOT NULL,
    allowed bigint NOT NULL,
    used bigint NOT NULL DEFAULT 0,
    reset_every interval NOT NULL DEFAULT '1 mon',
    PRIMARY KEY (organisation_id, metric),
    CONSTRAINT within_quota CHECK (used <= allowed OR metric = 'storage_bytes')
);

-- Checked at commit, so that a transfer between two organisations may pass below zero on its way.
CREATE FUNCTION check_balance() RETURNS trigger
LANGUAGE plpgsql AS $$
BEGIN
    IF (SELECT balance FROM credit_balances WHERE organisation_id = NEW.organisation_id) < -1000000 THEN
        RAISE EXCEPTION 'Organisation % owes too much', NEW.organisation_id;
    END IF;
    RETURN NULL;
END;
$$;

CREATE CONSTRAINT TRIGGER check_balance AFTER UPDATE ON credit_balances
    DEFERRABLE INITIALLY DEFERRED
    FOR EACH ROW EXECUTE FUNCTION check_balance();

CREATE VIEW billing.open_items AS
SELECT invoices.number, organisations.name, invoices.due_on, sum(lines.total) AS amount, invoices.currency
FROM billing.invoices AS invoices
JOIN billing.invoice_lines AS lines ON lines.invoice_number = invoices.number
JOIN public.organisations AS organisations ON organisations.id = invoices.organisation_id
WHERE invoices.status = 'open'
GROUP BY invoices.number, organisations.name, invoices.due_on, invoices.currency;

COMMENT ON TABLE billing.invoices IS 'Issued ones are immutable by law; "draft" ones aren''t.
-- not a comment; \. not an end; /* not a comment either */';


-- 6 Operations -------------------------------------------------------------------------------------------------------

CREATE TABLE chat_conversations (
    id bigint GENERATED BY DEFAULT AS IDENTITY (INCREMENT BY 10) PRIMARY KEY,
    user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    video_id uuid REFERENCES videos (id) ON DELETE SET NULL,
    title text NOT NULL DEFAULT '',
    started_at timestamptz NOT NULL
);

CREATE TABLE chat_messages (
    conversation_id bigint NOT NULL REFERENCES chat_conversations (id) ON DELETE CASCADE,
    number integer NOT NULL,
    author chat_author NOT NULL,
    content text NOT NULL,
    mentions timestamptz[],
    tokens integer CHECK (tokens >= 0),
    sent_at timestamptz NOT NULL,
    PRIMARY KEY (conversation_id, number)
);

CREATE TABLE webhooks (
    id integer PRIMARY KEY,
    organisation_id integer NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    url text NOT NULL CHECK (url LIKE 'https://%'),
    events text[] NOT NULL CHECK (cardinality(events) > 0),
    secret_hash sha256_digest NOT NULL,
    is_active boolean NOT NULL DEFAULT true
);

CREATE TABLE webhook_deliveries (
    id bigint PRIMARY KEY,
    webhook_id integer NOT NULL REFERENCES webhooks (id) ON DELETE CASCADE,
    payload jsonb NOT NULL,
    attempts smallint NOT NULL DEFAULT 0,
    response_status smallint,
    delivered_at timestamptz
);

CREATE INDEX webhook_deliveries_due_idx ON webhook_deliveries (webhook_id) WHERE delivered_at IS NULL;

CREATE TABLE processing_jobs (
    id bigint PRIMARY KEY,
    kind text NOT NULL,
    arguments jsonb NOT NULL,
    priority smallint NOT NULL DEFAULT 0,
    run_after timestamptz NOT NULL DEFAULT '-infinity',
    locked_until timestamptz,
    requires integer[] NOT NULL DEFAULT '{}'
);

CREATE INDEX processing_jobs_next_idx ON processing_jobs (priority DESC, run_after) WHERE locked_until IS NULL;

CREATE TABLE feature_flags (
    name text PRIMARY KEY,
    is_on boolean NOT NULL DEFAULT false,
    rollout percentage NOT NULL DEFAULT 0,
    matches jsonpath
);

CREATE TABLE feature_flag_overrides (
    flag text NOT NULL REFERENCES feature_flags (name) MATCH FULL ON UPDATE CASCADE ON DELETE CASCADE,
    organisation_id integer NOT NULL REFERENCES organisations (id),
    is_on boolean NOT NULL,
    PRIMARY KEY (flag, organisation_id)
);

-- No two windows may overlap.
CREATE TABLE maintenance_windows (
    id integer PRIMARY KEY,
    during tstzrange NOT NULL,
    reason text NOT NULL,
    EXCLUDE USING gist (during WITH &&) DEFERRABLE
);

-- One partition for each month; the default one takes what has none.
CREATE TABLE audit_log (
    id bigint NOT NULL,
    at timestamptz NOT NULL,
    actor_id bigint,
    action text NOT NULL,
    subject text NOT NULL,
    before jsonb,
    after jsonb,
    PRIMARY KEY (at, id)
) PARTITION BY RANGE (at);

CREATE TABLE audit_log_default PARTITION OF audit_log DEFAULT;
CREATE INDEX audit_log_actor_idx ON audit_log (actor_id, at);

CREATE PROCEDURE add_audit_partition(month date)
LANGUAGE plpgsql AS $$
BEGIN
    -- Bounds carry their zone, so that they don't depend on the session's.
    EXECUTE format(
        'CREATE TABLE audit_log_%s PARTITION OF audit_log FOR VALUES FROM (%L) TO (%L)',
        to_char(month, 'YYYY_MM'),
        month || ' 00:00:00+00',
        (month + interval '1 month')::date || ' 00:00:00+00');
END;
$$;

CALL add_audit_partition('2025-12-01');
CALL add_audit_partition('2026-01-01');
CALL add_audit_partition('2026-02-01');
CALL add_audit_partition('2026-03-01');
CALL add_audit_partition('2026-04-01');
CALL add_audit_partition('2026-05-01');
CALL add_audit_partition('2026-06-01');

CREATE FUNCTION write_audit_log() RETURNS trigger
LANGUAGE plpgsql SECURITY DEFINER SET search_path = pg_catalog, public AS $$
BEGIN
    INSERT INTO audit_log (id, at, action, subject, before, after)
    VALUES (nextval('audit_log_id_seq'), clock_timestamp(), TG_OP, TG_TABLE_NAME, to_jsonb(OLD), to_jsonb(NEW));
    RETURN NULL;
END;
$$;

CREATE SEQUENCE audit_log_id_seq INCREMENT BY 2;

CREATE TRIGGER write_audit_log AFTER UPDATE OR DELETE ON api_keys
    FOR EACH ROW EXECUTE FUNCTION write_audit_log();
CREATE TRIGGER write_audit_log AFTER DELETE ON organisations
    FOR EACH ROW EXECUTE FUNCTION write_audit_log();
ALTER TABLE organisations DISABLE TRIGGER write_audit_log;

-- Hash partitions of an enum: their rows may belong elsewhere after a restore, so pg_dump loads them through the parent.
CREATE TABLE notifications (
    id bigint NOT NULL,
    channel notification_channel NOT NULL,
    user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    body text NOT NULL,
    read_at timestamptz,
    PRIMARY KEY (channel, id)
) PARTITION BY HASH (channel);

CREATE TABLE notifications_0 PARTITION OF notifications FOR VALUES WITH (MODULUS 3, REMAINDER 0);
CREATE TABLE notifications_1 PARTITION OF notifications FOR VALUES WITH (MODULUS 3, REMAINDER 1);
CREATE TABLE notifications_2 PARTITION OF notifications FOR VALUES WITH (MODULUS 3, REMAINDER 2);

-- Deleting from the view marks the row instead.
CREATE VIEW active_users AS
SELECT id, public_id, email, display_name, language FROM users WHERE deleted_at IS NULL;
CREATE RULE soft_delete AS ON DELETE TO active_users
    DO INSTEAD UPDATE users SET deleted_at = now() WHERE id = OLD.id;

-- The application says for whom it acts; the owner of the tables sees everything.
ALTER TABLE api_keys ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_organisation ON api_keys
    USING (organisation_id = current_setting('deepsight.organisation_id', true)::integer);
CREATE POLICY keep_live_keys ON api_keys AS RESTRICTIVE FOR DELETE
    USING (revoked_at IS NOT NULL);
ALTER TABLE chat_conversations ENABLE ROW LEVEL SECURITY;
CREATE POLICY own_conversations ON chat_conversations
    USING (user_id = current_setting('deepsight.user_id', true)::bigint)
    WITH CHECK (title NOT LIKE '%;%--%');

COMMENT ON POLICY own_organisation ON api_keys IS 'A missing setting is NULL, and NULL sees nothing.';
COMMENT ON TABLE audit_log IS 'Kept for a year: DETACH, dump, DROP.';


-- 7 Analytics --------------------------------------------------------------------------------------------------------

CREATE TABLE analytics.daily_usage (
    organisation_id integer NOT NULL,
    day date NOT NULL,
    minutes_analysed double precision NOT NULL DEFAULT 0,
    api_calls integer NOT NULL DEFAULT 0,
    by_hour smallint[] NOT NULL,
    PRIMARY KEY (organisation_id, day)
);

ALTER TABLE analytics.daily_usage ADD CONSTRAINT daily_usage_organisation_id_fkey
    FOREIGN KEY (organisation_id) REFERENCES public.organisations (id) NOT VALID;
ALTER TABLE analytics.daily_usage CLUSTER ON daily_usage_pkey;

-- Lost in a crash, and that is fine: events are sent again.
CREATE UNLOGGED TABLE analytics.incoming_events (
    received_at timestamptz NOT NULL DEFAULT now(),
    event jsonb NOT NULL
);

CREATE TABLE analytics.funnel_steps (
    funnel text NOT NULL,
    step smallint NOT NULL,
    reached bigint NOT NULL DEFAULT 0,
    UNIQUE (funnel, step) DEFERRABLE INITIALLY IMMEDIATE
);
ALTER TABLE analytics.funnel_steps REPLICA IDENTITY FULL;

CREATE TABLE analytics."Weekly Report v1.0" (
    "Week" date PRIMARY KEY,
    "Total €" numeric(12, 2),
    "select" text DEFAULT 'a ''default'' with "quotes"',
    "6"" screens" integer,
    "größe" real
);

CREATE MATERIALIZED VIEW analytics.monthly_activity AS
SELECT
    organisations.id AS organisation_id,
    date_trunc('month', usage.day::timestamp) AS month,
    sum(usage.minutes_analysed) AS minutes_analysed,
    public.median(usage.minutes_analysed) AS median_minutes,
    count(*) FILTER (WHERE usage.api_calls > 0) AS days_with_calls
FROM analytics.daily_usage AS usage
JOIN public.organisations AS organisations ON organisations.id = usage.organisation_id
GROUP BY organisations.id, date_trunc('month', usage.day::timestamp)
WITH NO DATA;

CREATE UNIQUE INDEX monthly_activity_key ON analytics.monthly_activity (organisation_id, month);

CREATE VIEW analytics.busiest_organisations WITH (security_barrier) AS
SELECT organisation_id, minutes_analysed, rank() OVER (PARTITION BY month ORDER BY minutes_analysed DESC) AS place, month
FROM analytics.monthly_activity;

COMMENT ON TABLE analytics."Weekly Report v1.0" IS 'Imported from a spreadsheet, names and all.';
COMMENT ON COLUMN analytics."Weekly Report v1.0"."6"" screens" IS '6" and smaller';


-- 8 Corners ----------------------------------------------------------------------------------------------------------

-- Always empty.
CREATE TABLE legacy_imports (
    id integer PRIMARY KEY,
    source text,
    imported_at timestamptz
);

-- Nothing to copy but the number of rows.
CREATE TABLE heartbeats ();

CREATE TABLE difficult_texts (
    id integer PRIMARY KEY,
    what text NOT NULL,
    content text
);

CREATE TABLE difficult_values (
    id integer PRIMARY KEY,
    what text NOT NULL,
    exact numeric,
    approximate double precision,
    single real,
    small smallint,
    large bigint,
    amount money,
    day date,
    instant timestamptz,
    wall_clock timestamp,
    time_of_day time,
    zoned_time timetz,
    span interval,
    flags varbit,
    padded char(10),
    one_byte "char",
    identifier name,
    raw bytea,
    host inet,
    network cidr,
    device macaddr8,
    shape circle,
    route path,
    line line,
    matrix integer[][],
    words text[],
    addresses postal_address[],
    numbers int8multirange,
    instants tstzmultirange,
    document jsonb,
    text_document json,
    pattern jsonpath,
    vector tsvector,
    query tsquery,
    position_in_wal pg_lsn,
    visible pg_snapshot,
    described regclass
);


-- 9 Access -----------------------------------------------------------------------------------------------------------
-- Roles belong to the server, not to the database: a second sample beside the first finds them there.

DO $$
BEGIN
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'deepsight_app') THEN
        CREATE ROLE deepsight_app NOLOGIN;
    END IF;
    IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'deepsight_reader') THEN
        CREATE ROLE deepsight_reader NOLOGIN;
    END IF;
END;
$$;

GRANT USAGE ON SCHEMA public, billing, analytics TO deepsight_app, deepsight_reader;
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO deepsight_app;
GRANT SELECT, INSERT ON ALL TABLES IN SCHEMA billing TO deepsight_app;
GRANT USAGE ON ALL SEQUENCES IN SCHEMA public, billing TO deepsight_app;
GRANT SELECT ON ALL TABLES IN SCHEMA analytics TO deepsight_reader WITH GRANT OPTION;
GRANT SELECT (id, display_name, language) ON users TO deepsight_reader;
REVOKE DELETE ON credit_transactions FROM deepsight_app;
REVOKE EXECUTE ON FUNCTION write_audit_log() FROM PUBLIC;

ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO deepsight_app;
ALTER DEFAULT PRIVILEGES IN SCHEMA analytics GRANT SELECT ON TABLES TO deepsight_reader;
ALTER DEFAULT PRIVILEGES REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC;

GRANT CREATE ON SCHEMA analytics TO deepsight_app;
ALTER TABLE analytics.incoming_events OWNER TO deepsight_app;
ALTER TABLE analytics.funnel_steps OWNER TO deepsight_app;
