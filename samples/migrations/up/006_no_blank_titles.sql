-- revision: 006
-- down_revision: 005
-- message: new videos have a title

-- NOT VALID: only new rows are checked, so that nobody waits. The next one checks the old.
ALTER TABLE videos ADD CONSTRAINT title_is_not_blank CHECK (title <> '') NOT VALID;
