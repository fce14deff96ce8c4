-- What kind of line is this, whose is it, and when was it? Words that the other files here share.
-- One macro per word; they are temporary: a database never holds them.

-- The kind of a log line by how it begins; 'other' is an ordinary application line. The two platform
-- lines that every execution has are told apart here, where they stand as Lambda writes them. The error shapes
-- are the runtimes' own: Python [ERROR], Node and .NET time, id, level between TABs, Java a message
-- with its exception's class before the trace, Go a date before JSON, Ruby words of its own.
CREATE OR REPLACE TEMP MACRO line_kind(message, at_ms) AS CASE
    WHEN message IS NULL THEN 'unreadable'
    WHEN starts_with(message, '{') THEN CASE
        WHEN starts_with(message, '{"chainlight":') THEN 'record'
        WHEN at_ms IS NOT NULL AND starts_with(message, '{"time":"')
            AND substr(message, 34, 26) = '","type":"platform.start",' THEN 'json_start'
        WHEN at_ms IS NOT NULL AND starts_with(message, '{"time":"')
            AND substr(message, 34, 27) = '","type":"platform.report",' THEN 'json_report'
        WHEN contains(message, '"platform.') AND (contains(message, '"type":"platform.')
            OR regexp_matches(message, '"type"\s*:\s*"platform\.')) THEN 'platform'
        WHEN regexp_matches(message, '(?i)"(ERROR|FATAL|CRITICAL)"')
            AND regexp_matches(message, '"(requestId|AWSRequestId|awsRequestId|aws_request_id|function_request_id|request_id)"\s*:')
            THEN 'json_error'
        WHEN contains(message, '"errorType"') AND contains(message, '"errorMessage"')
            THEN 'text_error'
        ELSE 'other' END
    WHEN starts_with(message, 'REPORT RequestId:') THEN 'report'
    WHEN starts_with(message, 'START RequestId:') THEN 'start'
    WHEN starts_with(message, 'END RequestId:') THEN 'end'
    WHEN starts_with(message, 'RequestId: ') THEN 'crash'
    WHEN starts_with(message, '[ERROR]') THEN 'text_error'
    WHEN regexp_matches(message, '^(INIT_START|INIT_REPORT|RESTORE_START|RESTORE_REPORT|EXTENSION|LOGS|TELEMETRY)[ \t]')
        THEN 'environment'
    WHEN contains(message, ' Task timed out after ')
        AND regexp_matches(message, '^\S+ \S+ Task timed out after [0-9.]+ seconds') THEN 'timeout'
    WHEN regexp_matches(message, '^\d{4}-\d\d-\d\dT\S+\t\S+\t(ERROR|FATAL|fail|crit)\t')
        THEN 'text_error'
    WHEN contains(message, E'\n\tat ')
        AND regexp_matches(message, '^(?:[^\n]*: )?[a-z][\w$]*(?:\.[\w$]+)+(?:: [^\n]*)?\n') THEN 'text_error'
    WHEN contains(message, '"errorMessage"')
        AND regexp_matches(message, '^(?:\d{4}/\d\d/\d\d \d\d:\d\d:\d\d |Error raised from handler method\s*)\{"errorMessage"')
        THEN 'text_error'
    ELSE 'other' END;

-- A stream of a shared group names its function: YYYY/MM/DD/<function>[<version>]<id>.
CREATE OR REPLACE TEMP MACRO function_of(log_group, log_stream) AS CASE
    WHEN contains(log_stream, '/[') AND starts_with(log_group, '/aws/lambda/')
        THEN nullif(substr(log_group, 13), '')
    ELSE coalesce(
        nullif(regexp_extract(log_stream, '^\d{4}/\d\d/\d\d/([^\[/]+)\[', 1), ''),
        CASE WHEN starts_with(log_group, '/aws/lambda/') THEN nullif(substr(log_group, 13), '') END
    ) END;

CREATE OR REPLACE TEMP MACRO function_of_arn(arn) AS nullif(split_part(
    CASE WHEN contains(arn, ':function:') THEN split_part(arn, ':function:', 2) ELSE arn END, ':', 1
), '');

-- Epoch milliseconds to microseconds; NULL outside of 1970 to 2100, so that no sum overflows.
CREATE OR REPLACE TEMP MACRO us_of_ms(epoch_ms) AS
    CASE WHEN epoch_ms BETWEEN 0 AND 4102444800000 THEN epoch_ms * 1000 END;

CREATE OR REPLACE TEMP MACRO us_in_range(epoch_us) AS
    CASE WHEN epoch_us BETWEEN 0 AND 4102444800000000 THEN epoch_us END;

-- Epoch seconds, text or number, with a fraction: a DOUBLE of today's holds quarters of a microsecond.
CREATE OR REPLACE TEMP MACRO us_of_seconds(epoch_s) AS
    us_in_range(TRY_CAST(round(TRY_CAST(epoch_s AS DOUBLE) * 1000000) AS BIGINT));

CREATE OR REPLACE TEMP MACRO us_of_iso(text) AS
    us_in_range(TRY(epoch_us(TRY_CAST(text AS TIMESTAMPTZ))));

CREATE OR REPLACE TEMP MACRO day_of(epoch_us) AS CAST(make_timestamp(epoch_us) AS DATE);

-- A length in milliseconds, text or number, to microseconds; NULL where it is none (or 11 days).
CREATE OR REPLACE TEMP MACRO length_us(length_ms) AS
    CAST(TRY_CAST(length_ms AS DECIMAL(12, 3)) * 1000 AS BIGINT);

CREATE OR REPLACE TEMP MACRO whole(number) AS
    TRY_CAST(ceil(TRY_CAST(number AS DOUBLE)) AS INTEGER);

-- Whether a REPORT has the five values that every one has, where AWS writes them, and no other.
CREATE OR REPLACE TEMP MACRO is_plain_report(message) AS
    (suffix(message, E' MB\t\n') OR suffix(message, E' MB\t')) AND regexp_matches(message,
        '^REPORT RequestId: [^\t]+\tDuration: [^\t]+\tBilled Duration: [^\t]+\tMemory Size: [^\t]+\tMax Memory Used: [^\t]+\t\n?$');

-- The value of one label of a REPORT-like line, from the two lists that one scan gives.
CREATE OR REPLACE TEMP MACRO labels_of(message) AS regexp_extract_all(message,
    '(Billed Restore Duration|Restore Duration|Billed Duration|Init Duration|Duration|Memory Size|Max Memory Used|XRAY TraceId|SegmentId|Sampled|Error Type|Status|Phase):[ \t]*([^ \t\r\n]+)', 1);
CREATE OR REPLACE TEMP MACRO values_of(message) AS regexp_extract_all(message,
    '(Billed Restore Duration|Restore Duration|Billed Duration|Init Duration|Duration|Memory Size|Max Memory Used|XRAY TraceId|SegmentId|Sampled|Error Type|Status|Phase):[ \t]*([^ \t\r\n]+)', 2);
CREATE OR REPLACE TEMP MACRO value_at(labels, words, label) AS words[list_position(labels, label)];

-- X-Ray header fields: Root=1-..;Parent=..;Sampled=1. A root stands first and has 35 characters where
-- AWS writes it: cut out there, it takes a fifth of the expression's time.
CREATE OR REPLACE TEMP MACRO header_field(header, field) AS
    nullif(regexp_extract(header, '(?:^|;)\s*' || field || '=([^;\s]+)', 1), '');
CREATE OR REPLACE TEMP MACRO trace_root_of(header) AS CASE
    WHEN starts_with(header, 'Root=1-') AND substr(header, 41, 1) IN (';', '')
        AND NOT contains(header, ' ') AND strpos(header, ';') IN (0, 41)
        THEN substr(header, 6, 35)
    ELSE header_field(header, 'Root') END;

-- Natural keys on the wire are one string or a list of strings; most are one plain string.
CREATE OR REPLACE TEMP MACRO keys_of(wire) AS CASE
    WHEN wire IS NULL THEN CAST([] AS VARCHAR[])
    WHEN starts_with(wire, '"') AND NOT contains(wire, '\')
        THEN [substr(CAST(wire AS VARCHAR), 2, strlen(wire) - 2)]
    WHEN json_type(wire) = 'VARCHAR' THEN [json_extract_string(wire, '$')]
    WHEN json_type(wire) = 'ARRAY'
        THEN list_filter(from_json(wire, '["VARCHAR"]'), lambda each: each IS NOT NULL)
    ELSE CAST([] AS VARCHAR[]) END;
