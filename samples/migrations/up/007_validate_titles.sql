-- revision: 007
-- down_revision: 006
-- message: old videos have a title too

-- Reads the whole table while everyone goes on reading and writing.
ALTER TABLE videos VALIDATE CONSTRAINT title_is_not_blank;
