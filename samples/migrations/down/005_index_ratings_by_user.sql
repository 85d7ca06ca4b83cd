-- undoes 005
-- transaction: off

DROP INDEX CONCURRENTLY ratings_user_id_idx;
