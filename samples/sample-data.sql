-- What the sample database holds. The same on every server and at every time: all of it is arithmetic on row numbers,
-- nothing comes from random() or now(). Plain SQL, in one session (the helpers are temporary).

SET TIME ZONE 'UTC';
SET datestyle = 'ISO';
SET search_path = public;


-- Helpers ------------------------------------------------------------------------------------------------------------

-- A number from 0 to n - 1 that looks drawn by chance; another salt draws again.
CREATE FUNCTION pg_temp.draw(row_number bigint, salt bigint, n integer) RETURNS integer
LANGUAGE sql IMMUTABLE
RETURN (hashint8extended(row_number, salt) & 2147483647)::integer % n;

CREATE FUNCTION pg_temp.video(number bigint) RETURNS uuid
LANGUAGE sql IMMUTABLE
RETURN md5('video ' || number)::uuid;

CREATE FUNCTION pg_temp.organisation(number bigint) RETURNS integer
LANGUAGE sql IMMUTABLE
RETURN (1000 + 3 * number)::integer;

CREATE FUNCTION pg_temp.at(seconds double precision) RETURNS timestamptz
LANGUAGE sql IMMUTABLE
RETURN timestamptz '2025-12-01 00:00:00+00' + make_interval(secs => seconds);

CREATE FUNCTION pg_temp.noise(seed text, blocks integer) RETURNS bytea
LANGUAGE sql IMMUTABLE
AS $$ SELECT string_agg(sha256(convert_to(seed || block, 'UTF8')), ''::bytea ORDER BY block) FROM generate_series(1, blocks) AS block $$;

CREATE TEMPORARY TABLE vocabulary (id integer PRIMARY KEY, share int4range, language text, space text, stop text, words text[]);

-- Out of a hundred sentences, how many are in which language.
INSERT INTO vocabulary (id, share, language, space, stop, words) VALUES
(1, '[0,52)', 'en', ' ', '.', string_to_array('the a to of and in is it you that he was for on are with as his they be at one have this from or had by hot but some what there we can out other were all your when up use word how said an each she which do their time if will way about many then them would write like so these her long make thing see him two has look more day could go come did my sound no most number who over know water than call first people may down side been now find any new work part take get place made live where after back little only round man year came show every good me give our under name very through just form much great think say help low line before turn cause same mean differ move right boy old too does tell sentence set three want air well also play small end put home read hand port large spell add even land here must big high such follow act why ask men change went light kind off need house picture try us again animal point mother world near build self earth father video frame camera scene caption speaker transcript upload analysis model detect label score credit quota invoice', ' ')),
(2, '[52,60)', 'fr', ' ', '.', string_to_array('le de un être et à il avoir ne je son que se qui ce dans en du elle au pour pas vous par sur faire plus dire me on mon lui nous comme mais pouvoir avec tout y aller voir bien où sans tu ou leur homme si deux mari moi vouloir te femme venir quand grand celui notre devoir là jour même prendre cœur garçon déjà forêt été naïve vidéo caméra', ' ')),
(3, '[60,67)', 'de', ' ', '.', string_to_array('der die und in den von zu das mit sich des auf für ist im dem nicht ein eine als auch es an werden aus er hat dass sie nach wird bei einer um am sind noch wie einem über einen so zum kann nur sein schöne Straße Größe müßig Übertragung Bildschärfe Zeitlupe', ' ')),
(4, '[67,73)', 'es', ' ', '.', string_to_array('de la que el en y a los se del las un por con no una su para es al lo como más o pero sus le ha me si sin sobre este ya entre cuando todo esta ser son dos también fue había era muy años hasta desde está mi porque qué sólo corazón niño mañana cámara ¿cuándo? ¡acción!', ' ')),
(5, '[73,77)', 'ru', ' ', '.', string_to_array('и в не на я быть он с что а по это она этот к но они мы весь который из у то за свой от так для же ты год ещё видео съёмка объект кадр речь время человек', ' ')),
(6, '[77,81)', 'ja', '', '。', string_to_array('動画 の 解析 は 完了 しました 字幕 を 確認 して ください 話者 が 二人 います 音声 から 文字 に 変換 する カメラ 映像 撮影 編集 再生 停止 東京 京都 今日 明日', ' ')),
(7, '[81,85)', 'zh-Hans', '', '。', string_to_array('视频 分析 已 完成 字幕 正在 生成 请 检查 说话 人 镜头 场景 时间 开始 结束 我们 可以 看到 一个 红色 的 汽车 在 街道 上 行驶 𠮷 𪚥', ' ')),
(8, '[85,88)', 'ko', ' ', '.', string_to_array('영상 분석 완료 자막 생성 화자 장면 시간 시작 종료 우리 는 볼 수 있습니다 빨간 자동차 거리 에서 서울 카메라', ' ')),
(9, '[88,91)', 'ar', ' ', '؟', string_to_array('تم تحليل الفيديو بنجاح المتحدث الأول يقول إن المشهد يبدأ من هنا والترجمة جاهزة السَّلَامُ عَلَيْكُمْ كاميرا صوت صورة', ' ')),
(10, '[91,93)', 'he', ' ', '.', string_to_array('הסרטון נותח בהצלחה הדובר הראשון אומר שהסצנה מתחילה כאן והכתוביות מוכנות שָׁלוֹם מצלמה קול תמונה', ' ')),
(11, '[93,95)', 'hi', ' ', '।', string_to_array('वीडियो विश्लेषण पूरा हुआ वक्ता पहला कहता है कि दृश्य यहाँ से शुरू होता क्षत्रिय कैमरा आवाज़', ' ')),
(12, '[95,97)', 'th', '', ' ', string_to_array('วิดีโอ วิเคราะห์ เสร็จสิ้น ผู้พูด คนแรก กล่าวว่า ฉาก เริ่ม ที่นี่ กล้อง เสียง น้ำ', ' ')),
(13, '[97,98)', 'el', ' ', ';', string_to_array('η ανάλυση του βίντεο ολοκληρώθηκε ο ομιλητής λέει ότι σκηνή αρχίζει εδώ κάμερα ήχος εικόνα', ' ')),
-- Emoji of several code points, and letters whose accents are characters of their own.
(14, '[98,100)', 'vi', ' ', '!', string_to_array(U&'ti\1EBFng Vi\1EC7t tie\0302\0301ng Vie\0323\0302t \+01F3AC \+01F468\200D\+01F469\200D\+01F467\200D\+01F466 \+01F1EB\+01F1F7 \+01F44D\+01F3FD \2764\FE0F Z\0351\036B\0343a\0346\0310lgo', ' '));

CREATE TEMPORARY TABLE sentences (id integer PRIMARY KEY, language text, text text);

-- Frequent words come first in the lists: squaring a uniform draw favours them.
INSERT INTO sentences (id, language, text)
SELECT sentence, vocabulary.language, upper(left(drawn.text, 1)) || substr(drawn.text, 2) || vocabulary.stop
FROM generate_series(0, 19999) AS sentence
JOIN vocabulary ON pg_temp.draw(sentence, 1, 100) <@ vocabulary.share
CROSS JOIN LATERAL (
    SELECT string_agg(vocabulary.words[1 + cardinality(vocabulary.words) * pg_temp.draw(sentence * 100 + place, 2, 10000)
                      * pg_temp.draw(sentence * 100 + place, 2, 10000)::bigint / 100000000], vocabulary.space ORDER BY place) AS text
    FROM generate_series(1, 5 + pg_temp.draw(sentence, 3, 12)) AS place
) AS drawn;

ANALYZE sentences;


-- People -------------------------------------------------------------------------------------------------------------

INSERT INTO organisations (id, slug, name, address, branches, settings, created_at, updated_at)
OVERRIDING SYSTEM VALUE
SELECT
    pg_temp.organisation(number),
    'organisation-' || number,
    (ARRAY['Northwind', 'Açaí & Fils', 'Müller GmbH', 'O''Brien "Films"', 'Студия', '東京映像', 'استوديو', 'Back\slash Ltd'])
        [1 + pg_temp.draw(number, 10, 8)] || ' ' || number,
    ROW(pg_temp.draw(number, 11, 300) || ' Main St, "Rear"', 'Lyon', 'F-' || number, 'FR')::postal_address,
    CASE WHEN number % 9 = 0 THEN ARRAY[ROW('Rue de l''Église (2)', NULL, '', 'BE'), ROW(E'Line 1\nLine 2', '{"x"}', '\', NULL)]::postal_address[]
         ELSE '{}' END,
    jsonb_build_object('retention_days', 30 * (1 + number % 12), 'features', jsonb_build_array('chat', 'export'), 'note', repeat('é', number % 5)),
    pg_temp.at(number * 311.0), pg_temp.at(number * 311.0 + 86400)
FROM generate_series(0, 1599) AS number;

INSERT INTO users (id, public_id, email, display_name, language, time_zone, home_organisation_id, password_hash, last_seen_from,
                   created_at, updated_at, deleted_at)
SELECT
    number,
    md5('user ' || number)::uuid,
    CASE number % 3 WHEN 0 THEN 'User.' ELSE 'user' END || number || '@'
        || (ARRAY['example.com', 'example.org', 'mail.example.net', 'münchen.example'])[1 + pg_temp.draw(number, 20, 4)],
    (ARRAY['Ana', 'Zoë', 'Łukasz', 'Nguyễn', '李', 'محمد', 'Ольга', 'D''Arcy', 'Ωmega', '👩‍💻'])[1 + pg_temp.draw(number, 21, 10)] || ' '
        || (ARRAY['Smith', 'García', 'Ødegård', '田中', 'von "Berg"', 'Çelik', 'Иванова'])[1 + pg_temp.draw(number, 22, 7)],
    (ARRAY['en', 'fr', 'de', 'es', 'pt-BR', 'ja', 'zh-Hans', 'ar'])[1 + pg_temp.draw(number, 23, 8)],
    (ARRAY['UTC', 'Europe/Paris', 'Asia/Tokyo', 'America/New_York'])[1 + pg_temp.draw(number, 24, 4)],
    CASE WHEN number % 10 > 0 THEN pg_temp.organisation(pg_temp.draw(number, 25, 1600)) END,
    CASE WHEN number % 4 > 0 THEN '$argon2id$v=19$m=65536,t=3,p=4$' || encode(sha256(('salt ' || number)::bytea), 'base64') END,
    CASE number % 5 WHEN 0 THEN NULL WHEN 1 THEN ('2001:db8::' || to_hex(number))::inet
        ELSE ('10.' || number % 250 || '.' || number % 199 || '.' || number % 251)::inet END,
    pg_temp.at(number * 211.5), pg_temp.at(number * 211.5 + 3600), CASE WHEN number % 40 = 0 THEN pg_temp.at(number * 640.25) END
FROM generate_series(1, 24000) AS number;

UPDATE organisations SET owner_id = 1 + (id - 1000) / 3 * 15;

INSERT INTO memberships (organisation_id, user_id, role, valid, invited_by)
SELECT
    pg_temp.organisation(number % 1600), 1 + (number * 7) % 24000,
    (enum_range(NULL::member_role))[1 + pg_temp.draw(number, 30, 4)],
    tstzrange(pg_temp.at(number * 100), CASE WHEN number % 6 = 0 THEN pg_temp.at(number * 100 + 9000000) END),
    CASE WHEN number % 3 > 0 THEN 1 + pg_temp.draw(number, 31, 24000) END
FROM generate_series(0, 23999) AS number;

INSERT INTO user_settings (user_id, settings)
SELECT number, jsonb_build_object(
    'theme', (ARRAY['dark', 'light', 'system'])[1 + pg_temp.draw(number, 40, 3)],
    'player', jsonb_build_object('speed', 0.5 + pg_temp.draw(number, 41, 6) * 0.25, 'volume', pg_temp.draw(number, 42, 101), 'captions', number % 3 = 0),
    'pinned', to_jsonb(ARRAY[number % 17, number % 29, number % 31]),
    'signature', CASE WHEN number % 50 = 0 THEN E'Kind "regards",\n\tC:\\Users\\me \U0001F44B' END)
FROM generate_series(1, 24000) AS number;

INSERT INTO api_keys (id, organisation_id, prefix, key_hash, scopes, allowed_networks, expires_at, revoked_at)
SELECT
    md5('key ' || number)::uuid, pg_temp.organisation(number % 1600), 'ds' || to_char(number, 'FM000000'),
    sha256(('secret of ' || number)::bytea),
    CASE WHEN number % 3 = 0 THEN ARRAY['videos:read', 'videos:write', 'billing:*'] ELSE ARRAY['videos:read'] END,
    CASE WHEN number % 4 = 0 THEN ARRAY['10.0.0.0/8', '2001:db8::/32']::cidr[] END,
    CASE WHEN number % 2 = 0 THEN 'infinity' ELSE pg_temp.at(number * 10000.0) END,
    CASE WHEN number % 11 = 0 THEN pg_temp.at(number * 3000.0) END
FROM generate_series(1, 4000) AS number;

INSERT INTO login_sessions (id, user_id, address, device, user_agent, started_at, lasted)
SELECT
    md5('session ' || number)::uuid, 1 + pg_temp.draw(number, 50, 24000),
    ('192.' || number % 256 || '.' || pg_temp.draw(number, 51, 256) || '.' || pg_temp.draw(number, 52, 256) || '/24')::inet,
    CASE WHEN number % 2 = 0 THEN ('08:00:2b:' || to_char(number % 99, 'FM00') || ':02:03')::macaddr END,
    'Mozilla/5.0 (X11; Linux x86_64) Chrome/' || 110 + pg_temp.draw(number, 53, 20) || '.0.0.0 Safari/537.36',
    pg_temp.at(number * 700.125), make_interval(mins => pg_temp.draw(number, 54, 900))
FROM generate_series(1, 20000) AS number;


-- Videos -------------------------------------------------------------------------------------------------------------

INSERT INTO videos (id, organisation_id, uploaded_by, title, description, duration, width, height, frame_rate, recorded_at, metadata, uploaded_at)
SELECT
    pg_temp.video(number), pg_temp.organisation(pg_temp.draw(number, 60, 1600)), 1 + pg_temp.draw(number, 61, 24000),
    rtrim(title.text, '.'), CASE WHEN number % 4 > 0 THEN first.text || E'\n\n' || second.text END,
    make_interval(secs => 3 + pg_temp.draw(number, 62, 5400000) / 1000.0),
    (ARRAY[640, 1280, 1920, 3840])[1 + pg_temp.draw(number, 63, 4)], (ARRAY[360, 720, 1080, 2160])[1 + pg_temp.draw(number, 63, 4)],
    (ARRAY[23.976, 25, 29.97, 60])[1 + pg_temp.draw(number, 64, 4)],
    CASE WHEN number % 3 = 0 THEN point(pg_temp.draw(number, 65, 180000) / 1000.0 - 90, pg_temp.draw(number, 66, 360000) / 1000.0 - 180) END,
    jsonb_build_object('codec', (ARRAY['h264', 'hevc', 'av1'])[1 + number % 3], 'bitrate', 1000 + pg_temp.draw(number, 67, 20000),
        'file', 'C:\videos\take ' || number % 90 || '.mp4', 'sha256', encode(sha256(('file ' || number)::bytea), 'hex')),
    pg_temp.at(number * 850.0)
FROM generate_series(0, 17999) AS number
JOIN sentences AS title ON title.id = pg_temp.draw(number, 68, 20000)
JOIN sentences AS first ON first.id = pg_temp.draw(number, 69, 20000)
JOIN sentences AS second ON second.id = pg_temp.draw(number, 70, 20000)
ORDER BY number;

INSERT INTO model_versions (id, name, version, released, retired, weights_hash, hyperparameters)
SELECT number, (ARRAY['scene', 'speech', 'objects'])[1 + number % 3], '1.' || number / 3, date '2025-01-01' + number * 20,
    CASE WHEN number < 6 THEN date '2026-01-01' + number ELSE 'infinity' END, sha256(('weights ' || number)::bytea),
    -- json keeps its text as it was typed.
    ('{ "layers" : ' || number || ',  "layers": ' || number + 1 || ', "rate":1e-' || number || ' }')::json
FROM generate_series(1, 18) AS number;

INSERT INTO video_analyses (id, video_id, model_id, status, progress, result, error, started_at, finished_at)
SELECT
    100003 + 7 * number::bigint, pg_temp.video(number % 18000), 1 + pg_temp.draw(number, 80, 18), status,
    CASE status WHEN 'succeeded' THEN 100 WHEN 'queued' THEN 0 ELSE pg_temp.draw(number, 81, 10000) / 100.0 END,
    CASE WHEN status = 'succeeded' THEN jsonb_build_object(
        'labels', jsonb_build_array(label.language, 'label-' || pg_temp.draw(number, 82, 300), 'label-' || pg_temp.draw(number, 83, 40)),
        'summary', label.text,
        'scores', jsonb_build_object('quality', pg_temp.draw(number, 84, 10000) / 10000.0, 'sharpness', pg_temp.draw(number, 85, 10000) / 10000.0),
        'frames', pg_temp.draw(number, 86, 200000)) END,
    CASE WHEN status = 'failed' THEN 'Error: ' || label.text || E'\r\n    at Decoder.Run() in C:\\src\\decoder.cs:line ' || number % 700 END,
    CASE WHEN status <> 'queued' THEN pg_temp.at(number * 580.0) END,
    CASE WHEN status IN ('succeeded', 'failed') THEN pg_temp.at(number * 580.0 + pg_temp.draw(number, 87, 3600000) / 1000.0) END
FROM generate_series(0, 25999) AS number
CROSS JOIN LATERAL (SELECT (CASE pg_temp.draw(number, 88, 20) WHEN 0 THEN 'queued' WHEN 1 THEN 'running' WHEN 2 THEN 'failed'
    WHEN 3 THEN 'cancelled' ELSE 'succeeded' END)::analysis_status AS status) AS drawn
JOIN sentences AS label ON label.id = pg_temp.draw(number, 89, 20000)
ORDER BY number;

INSERT INTO detections (analysis_id, number, label, confidence, seen, area, outline)
SELECT
    100003 + 7 * (number / 3)::bigint, number % 3,
    (ARRAY['person', 'car', 'dog', 'traffic light', 'ball', 'screen', 'caf' || chr(233)])[1 + pg_temp.draw(number, 90, 7)],
    pg_temp.draw(number, 91, 1000000) / 1000000.0,
    time_span(pg_temp.draw(number, 92, 50000) / 100.0, 500 + pg_temp.draw(number, 93, 50000) / 100.0, '[]'),
    ROW(pg_temp.draw(number, 94, 1000) / 1000.0, pg_temp.draw(number, 95, 1000) / 1000.0, 0.1, 0.25)::bounding_box,
    CASE WHEN number % 5 = 0 THEN polygon(4, circle(point(number % 100, number % 77), 2.5)) END
FROM generate_series(0, 29999) AS number;

CREATE TEMPORARY TABLE spoken AS
SELECT
    number / 8 + 1 AS transcript, number % 8 + 1 AS segment, first.language,
    first.text || CASE WHEN number % 3 > 0 THEN ' ' || second.text ELSE '' END AS text
FROM generate_series(0, 63999) AS number
JOIN sentences AS first ON first.id = pg_temp.draw(number, 100, 20000)
JOIN sentences AS second ON second.id = pg_temp.draw(number, 101, 20000)
ORDER BY number;

INSERT INTO transcripts (id, video_id, language, full_text, words)
OVERRIDING SYSTEM VALUE
SELECT transcript, pg_temp.video(transcript), min(language), string_agg(text, E'\n' ORDER BY segment),
    sum(cardinality(string_to_array(text, ' ')))
FROM spoken
GROUP BY transcript
ORDER BY transcript;

INSERT INTO transcript_segments (transcript_id, number, seconds, speaker, text, confidence)
SELECT
    transcript, segment, numrange(segment * 4.5 - 4.5, segment * 4.5, '[)'),
    CASE WHEN segment % 4 > 0 THEN 'Speaker ' || chr(65 + segment % 3) END,
    text, 60 + pg_temp.draw(transcript * 10 + segment, 102, 4000) / 100.0
FROM spoken
ORDER BY transcript, segment;

DROP TABLE spoken;

INSERT INTO tags (id, parent_id, name, synonyms, colour)
SELECT number, CASE WHEN number > 12 THEN 1 + number % 12 END, 'tag ' || number,
    CASE number % 4 WHEN 0 THEN '{}' WHEN 1 THEN ARRAY['étiquette', NULL, 'NULL', '']
        WHEN 2 THEN ARRAY['a,b', '{c}', 'd"e', 'f\g', E'h\ni'] ELSE ARRAY['標籤', 'وسم'] END,
    number::bit(24)
FROM generate_series(1, 240) AS number;

INSERT INTO video_tags (video_id, tag_id, weights)
SELECT pg_temp.video(number % 18000), 1 + (number / 18000 * 90 + pg_temp.draw(number, 110, 90)) % 240,
    CASE WHEN number % 8 = 0 THEN ARRAY[0.5, 'NaN', number]::real[] END
FROM generate_series(0, 29999) AS number;

INSERT INTO thumbnails (video_id, image)
SELECT pg_temp.video(number), pg_temp.noise('image ' || number, 30 + pg_temp.draw(number, 120, 60))
FROM generate_series(0, 1499) AS number;

-- Large objects, the last of them empty; each chunk of 2 kB is a row of its own in the server.
INSERT INTO attachments (id, video_id, file_name, content)
SELECT number, pg_temp.video(number), 'storyboard ' || number || '.pdf',
    lo_from_bytea((900000 + number)::oid, CASE WHEN number < 12 THEN pg_temp.noise('attachment ' || number, number * number * 25) ELSE '' END)
FROM generate_series(1, 12) AS number;

INSERT INTO media_files (id, video_id, bucket, path, bytes)
SELECT number, pg_temp.video(number), 'live', 'v/' || pg_temp.video(number) || '/master.m3u8', 1000 + pg_temp.draw(number, 130, 2000000000)
FROM generate_series(1, 6000) AS number;

INSERT INTO media_files_archive (id, video_id, bucket, path, bytes, archived_at)
SELECT number, pg_temp.video(number), 'archive', 'cold/' || number, pg_temp.draw(number, 131, 2000000000)::bigint * 40, pg_temp.at(number * 900.0)
FROM generate_series(6001, 9000) AS number;


-- Billing ------------------------------------------------------------------------------------------------------------

INSERT INTO billing.plans (code, name, monthly_price, included, offered) VALUES
('free', 'Free', 0, '{"minutes": 30, "seats": 1}', '[2024-01-01,)'),
('team', 'Team', 49.00, '{"minutes": 1200, "seats": 10}', '[2024-01-01,)'),
('team-2023', 'Team (2023)', 39.00, '{"minutes": 900, "seats": 10}', '[2023-01-01,2024-01-01)'),
('enterprise', 'Enterprise ∞', 99999999.99, '{"minutes": null, "seats": 1e6}', '(,)'),
('never', 'Never offered', 1, '{}', 'empty');

INSERT INTO billing.subscriptions (organisation_id, plan_code, period, seats, discount)
SELECT pg_temp.organisation(number), (ARRAY['free', 'team', 'team-2023', 'enterprise'])[1 + pg_temp.draw(number, 140, 4)],
    tstzrange(pg_temp.at(number * 311.0), NULL), 1 + pg_temp.draw(number, 141, 40), CASE WHEN number % 5 = 0 THEN 12.5 END
FROM generate_series(0, 1599) AS number;

INSERT INTO billing.invoices (number, organisation_id, status, currency, bill_to, issued_on, due_on, note)
SELECT 20250001 + 11 * number::bigint, pg_temp.organisation(number % 1600), status,
    (ARRAY['EUR', 'USD', 'JPY', 'CHF'])[1 + number % 4],
    ROW('1, "Quai" des \ Brumes', 'Le Havre', lpad(number::text, 5, '0'), 'FR')::postal_address,
    CASE WHEN status <> 'draft' THEN date '2025-12-01' + number / 60 END,
    CASE WHEN status <> 'draft' THEN date '2025-12-31' + number / 60 END,
    CASE WHEN number % 97 = 0 THEN 'Paid by cheque; "see attached"' || chr(9) || '-- thanks' END
FROM generate_series(0, 9999) AS number
CROSS JOIN LATERAL (SELECT (enum_range(NULL::billing.invoice_status))[1 + pg_temp.draw(number, 150, 5)] AS status) AS drawn;

INSERT INTO billing.invoice_lines (invoice_number, line, description, quantity, unit_price)
SELECT 20250001 + 11 * (number / 2)::bigint, 1 + number % 2, CASE number % 2 WHEN 0 THEN 'Subscription' ELSE 'Minutes above plan' END,
    1 + pg_temp.draw(number, 160, 9000) / 100.0, pg_temp.draw(number, 161, 99999) / 10000.0
FROM generate_series(0, 19999) AS number;

INSERT INTO billing.payments (id, invoice_number, amount, paid_at, processor_reply)
SELECT md5('payment ' || number)::uuid, 20250001 + 11 * number::bigint, pg_temp.draw(number, 170, 9999999) / 100.0, pg_temp.at(number * 1500.0),
    jsonb_build_object('id', 'ch_' || md5(number::text), 'status', 'succeeded', 'raw', '{"nested":"\"json\""}')
FROM generate_series(0, 9999, 2) AS number;

INSERT INTO billing.coupons (code, discount, valid, uses_left)
SELECT 'SAVE-' || number, number % 101, datemultirange(daterange(date '2026-01-01' + number, date '2026-01-08' + number),
    daterange(date '2026-06-01' + number, NULL)), nullif(number % 50, 0)
FROM generate_series(1, 300) AS number;

INSERT INTO billing.exchange_rates (currency, day, rate)
SELECT currency, date '2025-12-01' + day, (1 + pg_temp.draw(day * 10 + place, 180, 1000000)) / 77777.0
FROM unnest(ARRAY['USD', 'JPY', 'CHF', 'GBP', 'SEK', 'BRL']) WITH ORDINALITY AS currencies (currency, place)
CROSS JOIN generate_series(0, 299) AS day;

INSERT INTO credit_transactions (id, organisation_id, amount, reason, analysis_id, booked_at, idempotency_key)
SELECT number, pg_temp.organisation(pg_temp.draw(number, 190, 1600)),
    CASE number % 6 WHEN 0 THEN 250 ELSE -(1 + pg_temp.draw(number, 191, 400000)) / 10000.0 END,
    (ARRAY['purchase', 'analysis', 'chat', 'export', 'refund: "support ticket"'])[1 + pg_temp.draw(number, 192, 5)],
    CASE WHEN number % 6 > 0 THEN 100003 + 7 * pg_temp.draw(number, 193, 26000)::bigint END,
    pg_temp.at(number * 390.5), md5('booking ' || number)::uuid
FROM generate_series(1, 40000) AS number;

INSERT INTO quotas (organisation_id, metric, allowed, used, reset_every)
SELECT pg_temp.organisation(number), metric, 1000000, pg_temp.draw(number, 200, 1000000),
    CASE WHEN number % 7 = 0 THEN interval '1 year 2 mons -3 days 04:05:06.789' ELSE interval '1 mon' END
FROM generate_series(0, 1599) AS number
CROSS JOIN unnest(enum_range(NULL::quota_metric)) AS metric;


-- Operations ---------------------------------------------------------------------------------------------------------

INSERT INTO chat_conversations (id, user_id, video_id, title, started_at)
SELECT 1 + 10 * number::bigint, 1 + pg_temp.draw(number, 210, 24000), CASE WHEN number % 5 > 0 THEN pg_temp.video(pg_temp.draw(number, 211, 18000)) END,
    'About ' || number, pg_temp.at(number * 2500.0)
FROM generate_series(0, 4999) AS number;

INSERT INTO chat_messages (conversation_id, number, author, content, mentions, tokens, sent_at)
SELECT
    1 + 10 * (number / 7)::bigint, 1 + number % 7,
    (CASE WHEN number % 7 = 0 THEN 'system' WHEN number % 2 = 1 THEN 'user' ELSE 'assistant' END)::chat_author,
    CASE number % 7
        WHEN 0 THEN 'You answer questions about the video "' || number % 900 || E'".\nBe brief.'
        WHEN 2 THEN first.text || E'\r\n\r\n```sql\r\nCOPY users FROM stdin;\r\n1\t\\N\r\n\\.\r\n```\r\n' || second.text
        ELSE first.text || ' ' || second.text || ' ' || third.text END,
    CASE WHEN number % 9 = 0 THEN ARRAY[pg_temp.at(number), NULL, 'infinity'] END,
    pg_temp.draw(number, 220, 4000), pg_temp.at(number / 7 * 2500.0 + number % 7 * 12.5)
FROM generate_series(0, 34999) AS number
JOIN sentences AS first ON first.id = pg_temp.draw(number, 221, 20000)
JOIN sentences AS second ON second.id = pg_temp.draw(number, 222, 20000)
JOIN sentences AS third ON third.id = pg_temp.draw(number, 223, 20000)
ORDER BY number;

INSERT INTO webhooks (id, organisation_id, url, events, secret_hash, is_active)
SELECT number, pg_temp.organisation(number), 'https://hooks.example.com/' || number || '?a=1&b=%20', ARRAY['analysis.finished', 'quota.low'],
    sha256(('webhook ' || number)::bytea), number % 10 > 0
FROM generate_series(1, 600) AS number;

INSERT INTO webhook_deliveries (id, webhook_id, payload, attempts, response_status, delivered_at)
SELECT number, 1 + number % 600,
    jsonb_build_object('event', 'analysis.finished', 'analysis', 100003 + 7 * (number % 26000), 'text', E'tab\t quote" back\\slash \u2028 end'),
    1 + number % 5, CASE WHEN number % 12 > 0 THEN 200 ELSE 503 END, CASE WHEN number % 12 > 0 THEN pg_temp.at(number * 1800.0) END
FROM generate_series(1, 8000) AS number;

INSERT INTO processing_jobs (id, kind, arguments, priority, run_after, locked_until, requires)
SELECT number, 'transcode', jsonb_build_object('video', pg_temp.video(number)), number % 10 - 5,
    CASE WHEN number % 3 = 0 THEN '-infinity' ELSE pg_temp.at(number * 60.0) END,
    CASE WHEN number % 20 = 0 THEN pg_temp.at(number * 60.0 + 600) END, CASE WHEN number % 6 = 0 THEN ARRAY[number - 1, number - 2] ELSE '{}' END
FROM generate_series(1, 1500) AS number;

INSERT INTO feature_flags (name, is_on, rollout, matches) VALUES
('new-player', true, 100, NULL),
('chat-v2', true, 33.33, '$.plan ? (@ == "enterprise" && @.seats > 10)'),
('drop table users; --', false, 0, '$."it''s"[*]');

INSERT INTO feature_flag_overrides (flag, organisation_id, is_on)
SELECT 'chat-v2', pg_temp.organisation(number), number % 2 = 0 FROM generate_series(0, 199) AS number;

INSERT INTO maintenance_windows (id, during, reason)
SELECT number, tstzrange(pg_temp.at(number * 604800.0), pg_temp.at(number * 604800.0 + 7200)), 'Weekly ' || number FROM generate_series(1, 40) AS number;

-- A month more than there are partitions for.
INSERT INTO audit_log (id, at, actor_id, action, subject, before, after)
SELECT
    2 * number - 1, pg_temp.at(number * 610.0), CASE WHEN number % 5 > 0 THEN 1 + pg_temp.draw(number, 230, 24000) END,
    (ARRAY['video.create', 'video.delete', 'member.invite', 'key.revoke'])[1 + pg_temp.draw(number, 231, 4)],
    'video/' || pg_temp.video(pg_temp.draw(number, 232, 18000)),
    CASE WHEN number % 3 = 0 THEN jsonb_build_object('title', 'old ' || number) END,
    jsonb_build_object('title', 'new ' || number, 'ip', '10.0.' || number % 256 || '.' || pg_temp.draw(number, 233, 256))
FROM generate_series(1, 30000) AS number;

INSERT INTO audit_log (id, at, action, subject) VALUES (60001, 'infinity', 'end', 'time'), (60003, '-infinity', 'begin', 'time');

INSERT INTO notifications (id, channel, user_id, body, read_at)
SELECT number, (enum_range(NULL::notification_channel))[1 + pg_temp.draw(number, 240, 5)], 1 + pg_temp.draw(number, 241, 24000),
    'Your analysis ' || 100003 + 7 * (number % 26000) || ' is ready ' || (ARRAY['🎬', '✅', '👩🏽‍🚀', ''])[1 + number % 4],
    CASE WHEN number % 3 = 0 THEN pg_temp.at(number * 900.0) END
FROM generate_series(1, 16000) AS number;


-- Analytics ----------------------------------------------------------------------------------------------------------

INSERT INTO analytics.daily_usage (organisation_id, day, minutes_analysed, api_calls, by_hour)
SELECT pg_temp.organisation(number % 400), date '2026-01-01' + number / 400, pg_temp.draw(number, 250, 1000000) / 977.0, pg_temp.draw(number, 251, 5000),
    ARRAY[number % 7, number % 11, number % 13, number % 17, number % 19, 0, 0, -1]::smallint[]
FROM generate_series(0, 19999) AS number;

INSERT INTO analytics.incoming_events (received_at, event)
SELECT pg_temp.at(number), jsonb_build_object('play', number, 'value', number / 3.0) FROM generate_series(1, 800) AS number;

INSERT INTO analytics.funnel_steps (funnel, step, reached) VALUES ('sign-up', 1, 9223372036854775807), ('sign-up', 2, 5000), ('sign-up', 3, 12);

INSERT INTO analytics."Weekly Report v1.0" ("Week", "Total €", "select", "6"" screens", "größe")
SELECT date '2025-12-01' + 7 * number, number * 1234.56, CASE WHEN number % 2 = 0 THEN 'x' || chr(9) || 'y' END, number, number / 7.0
FROM generate_series(0, 51) AS number;

REFRESH MATERIALIZED VIEW analytics.monthly_activity;


-- Corners ------------------------------------------------------------------------------------------------------------

INSERT INTO heartbeats DEFAULT VALUES;
INSERT INTO heartbeats DEFAULT VALUES;
INSERT INTO heartbeats DEFAULT VALUES;

INSERT INTO difficult_texts (id, what, content) VALUES
(1, 'null', NULL),
(2, 'empty', ''),
(3, 'a space', ' '),
(4, 'the letters of a null', '\N'),
(5, 'the end of data', '\.'),
(6, 'the end of data, on a line of its own', E'one\n\\.\ntwo'),
(7, 'a COPY statement', 'COPY public.users (id, email) FROM stdin;'),
(8, 'a COPY statement with its data', E'COPY public.users (id) FROM stdin;\n1\n\\.\n\n'),
(9, 'the last line of a dump', E'--\n-- PostgreSQL database dump complete\n--\n\n'),
(10, 'a setting that older servers refuse', E'\nSET transaction_timeout = 0;\n'),
(11, 'psql''s commands', E'\\connect postgres\n\\! id\n\\restrict abc\n\\unrestrict abc'),
(12, 'backslashes', '\ \\ \\\ \n \t \b \x41 \101 \'),
(13, 'tabs', E'\t\ta\tb\t'),
(14, 'Windows line ends', E'one\r\ntwo\r\n'),
(15, 'old Macintosh line ends', E'one\rtwo\r'),
(16, 'line feeds only', E'\n\n\n'),
(17, 'control characters', E'\x01\x02\x07\b\x0b\f\x1b[31m\x1f\x7f'),
(18, 'quotes', $q$' '' " "" ` $$ $tag$ E'\'' $q$ || '$q$'),
(19, 'comments', E'-- one\n/* two /* three */ */ # four'),
(20, 'statements', 'BEGIN; DROP TABLE users; COMMIT; $$'),
(21, 'right to left', U&'\202Eevitarepo\202C שלום مرحبا \200F\200E'),
(22, 'combining characters', U&'e\0301 n\0303 \0915\094D\0937 \1112\1161\11AB'),
(23, 'outside the basic plane', U&'\+01D54F \+020BB7 \+01F9D1\200D\+01F680 \+10FFFF'),
(24, 'invisible', U&'\FEFF\200B\00AD\00A0\2028\2029\0085\FFFD\FFFF'),
(25, 'one letter, many times', repeat('x', 10000)),
(26, 'a line of two megabytes', repeat('Two megabytes of a line that does not end, "quoted", with a tab	and a \ ', 28000)),
(27, 'many short lines', repeat(E'\\.\n', 5000));

INSERT INTO difficult_values (id, what, exact, approximate, single, small, large, amount, day, instant, wall_clock, time_of_day, zoned_time, span) VALUES
(1, 'largest', repeat('9', 131072)::numeric, 1.7976931348623157e308, 3.4028235e38, 32767, 9223372036854775807, 92233720368547758.07::numeric::money,
    '5874897-12-31', '294276-12-31 23:59:59.999999+00', '294276-12-31 23:59:59.999999', '24:00:00', '24:00:00-15:59', '178000000 years'),
(2, 'smallest', -repeat('9', 131072)::numeric, -1.7976931348623157e308, -3.4028235e38, -32768, -9223372036854775808, (-92233720368547758.08)::numeric::money,
    '4714-11-24 BC', '4714-11-24 00:00:00+00 BC', '4714-11-24 00:00:00 BC', '00:00:00', '00:00:00+15:59', '-178000000 years'),
(3, 'nearest to zero', ('0.' || repeat('0', 16382) || '1')::numeric, 4.9406564584124654e-324, 1.4e-45, 0, 0, 0::money,
    '0001-01-01', '0001-12-31 23:59:59.999999+00 BC', '0001-01-01 00:00:00', '00:00:00.000001', '12:34:56.789+05:45', '0.000001 seconds'),
(4, 'not a number', 'NaN', 'NaN', 'NaN', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL),
(5, 'infinite', 'Infinity', 'Infinity', 'Infinity', NULL, NULL, NULL, 'infinity', 'infinity', 'infinity', NULL, NULL, NULL),
(6, 'infinitely negative', '-Infinity', '-Infinity', '-Infinity', NULL, NULL, NULL, '-infinity', '-infinity', '-infinity', NULL, NULL, NULL),
(7, 'digits that matter', 1.10000, 0.1::float8 + 0.2, 0.1, -1, 1, 1.1::numeric::money, '2026-02-28', '2026-03-29 01:30:00+00', '2026-03-29 02:30:00',
    '23:59:59.999999', '02:30:00+01', '1 year -2 mons +3 days -04:05:06.000007'),
(8, 'negative zero', -0.0, '-0', '-0', 0, 0, 0::money, '2000-01-01', '2000-01-01 00:00:00-11:30', '1999-12-31 23:59:59.5', '12:00', '12:00Z', '0');

INSERT INTO difficult_values (id, what, flags, padded, one_byte, identifier, raw, host, network, device, shape, route, line, matrix, words, addresses,
                              numbers, instants, document, text_document, pattern, vector, query, position_in_wal, visible, described) VALUES
(9, 'of many types', B'1011', 'ab', 'x', 'pg_catalog', '\x00ff5c2e0a0d0927'::bytea, '::ffff:1.2.3.4/96', '192.168.0.0/16', '08:00:2b:01:02:03:04:05',
    '<(1.5,-2),3>', '[(0,0),(1,1),(2,0)]', '{1,-1,0}', '[0:1][-2:0]={{1,2,3},{4,NULL,6}}', ARRAY['a b', '', 'null', '"', '\', ',', '{}'],
    ARRAY[ROW('a,b', '(c)', 'd"', 'FR'), NULL]::postal_address[], '{[1,5), [7,7], [100,)}', '{[-infinity,2026-01-01 00:00:00+00)}',
    '{"b": 1.50, "a": [null, true, "\u00e9\n\t\\"], "": {}}', E'{"b" : 1.50,\n "a": "\\u0041", "b": 2}', 'strict $.a[0 to last] ? (@ like_regex "^\\d+$" flag "i")',
    $$'fat':2A 'it''s':4B 'a\\b':1$$, $$'fat' & ( 'rat' | !'cat':* ) <-> 'it''s'$$, '16/B374D848', '10:20:10,14,15', 'public.users'),
(10, 'empty ones', B'', '', '', '', ''::bytea, '0.0.0.0', '::/0', '00:00:00:00:00:00:00:00', '<(0,0),0>', '((0,0))', '{0,1,0}', '{}', '{}', '{}', '{}', '{}',
    '{}', '""', '$', '', NULL, '0/0', '1:1:', 'analytics."Weekly Report v1.0"');


-- Identities and sequences go on after what was inserted with numbers of its own -----------------------------------------

SELECT setval(pg_get_serial_sequence('organisations', 'id'), 1000 + 3 * 1599);
SELECT setval(pg_get_serial_sequence('users', 'id'), 24000);
SELECT setval(pg_get_serial_sequence('transcripts', 'id'), 8000);
SELECT setval(pg_get_serial_sequence('chat_conversations', 'id'), 1 + 10 * 4999);
SELECT setval('video_analyses_id_seq', 100003 + 7 * 25999);
SELECT setval('billing.invoice_number_seq', 20250001 + 11 * 9999);
SELECT setval('billing.legacy_number_seq', -31995);
SELECT setval('audit_log_id_seq', 60003);

DROP TABLE sentences;
DROP TABLE vocabulary;
