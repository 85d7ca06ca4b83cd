-- revision: 003
-- down_revision: 001
-- message: ratings of videos
-- branch_label: ratings

CREATE TABLE ratings (
    video_id uuid NOT NULL REFERENCES videos (id) ON DELETE CASCADE,
    user_id bigint NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    stars smallint NOT NULL CHECK (stars BETWEEN 1 AND 5),
    comment text,
    rated_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (video_id, user_id)
);

-- A constant default: no row is written.
ALTER TABLE videos ADD COLUMN is_rateable boolean NOT NULL DEFAULT true;
