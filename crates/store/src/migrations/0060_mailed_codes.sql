-- Among the links: what goes with a letter that somebody signs in by. What guesses at its code are counted under.
ALTER TABLE user_links ADD COLUMN guesses BLOB;
