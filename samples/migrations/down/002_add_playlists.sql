-- undoes 002

-- The view is made anew when the history is at its head again.
DROP VIEW IF EXISTS video_popularity;
DROP TABLE playlist_videos, playlists;
