-- In which currency do you read money? One row or none: the label, and what a US dollar is in it.
-- Views stay in US dollars; the command line and the pages multiply.
CREATE TABLE IF NOT EXISTS currency_label (
    label VARCHAR,
    per_usd DOUBLE
);
