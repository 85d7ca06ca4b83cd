-- Who belongs to which organisation today.

CREATE OR REPLACE VIEW organisation_members AS
SELECT
    organisations.slug AS organisation,
    users.display_name,
    users.email,
    memberships.role
FROM memberships
JOIN organisations ON organisations.id = memberships.organisation_id
JOIN users ON users.id = memberships.user_id
WHERE memberships.valid @> now() AND users.deleted_at IS NULL;
