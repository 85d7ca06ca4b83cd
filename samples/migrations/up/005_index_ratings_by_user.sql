-- revision: 005
-- down_revision: 004
-- message: find a user's ratings
-- transaction: off

CREATE INDEX CONCURRENTLY ratings_user_id_idx ON ratings (user_id, rated_at DESC);
