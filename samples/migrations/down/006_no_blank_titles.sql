-- undoes 006

ALTER TABLE videos DROP CONSTRAINT title_is_not_blank;
