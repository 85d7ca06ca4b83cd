-- Runs again whenever this text changes, at the head of the history. Dropped first, so that its columns may change too.

DROP VIEW IF EXISTS video_popularity;
CREATE VIEW video_popularity AS
SELECT
    videos.id AS video_id,
    videos.title,
    (SELECT round(avg(stars), 2) FROM ratings WHERE ratings.video_id = videos.id) AS stars,
    (SELECT count(*) FROM ratings WHERE ratings.video_id = videos.id) AS ratings,
    (SELECT count(*) FROM playlist_videos WHERE playlist_videos.video_id = videos.id) AS playlists
FROM videos
WHERE videos.is_rateable;
