-- People by what tokens call them. It follows from the row id by a hash that SQL does not have: rows of before get theirs
-- when somebody is first looked for.

ALTER TABLE users ADD COLUMN subject BLOB;
CREATE UNIQUE INDEX users_subject ON users (subject);
