-- undoes 007: a constraint can't be made unvalidated, so it is made anew

ALTER TABLE videos DROP CONSTRAINT title_is_not_blank;
ALTER TABLE videos ADD CONSTRAINT title_is_not_blank CHECK (title <> '') NOT VALID;
