-- revision: 002
-- down_revision: 001
-- message: playlists
-- branch_label: playlists

CREATE TABLE playlists (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    organisation_id integer NOT NULL REFERENCES organisations (id) ON DELETE CASCADE,
    title text NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    UNIQUE (organisation_id, title)
);

CREATE TABLE playlist_videos (
    playlist_id bigint NOT NULL REFERENCES playlists (id) ON DELETE CASCADE,
    position integer NOT NULL CHECK (position > 0),
    video_id uuid NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
    PRIMARY KEY (playlist_id, position)
);

CREATE INDEX playlist_videos_video_id_idx ON playlist_videos (video_id);
