-- The language in which somebody asked for the end of their account: the last letter is in it.
ALTER TABLE users ADD COLUMN leaves_in TEXT;
