-- undoes 003

-- The view is made anew when the history is at its head again.
DROP VIEW IF EXISTS video_popularity;
ALTER TABLE videos DROP COLUMN is_rateable;
DROP TABLE ratings;
