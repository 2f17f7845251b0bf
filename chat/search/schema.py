"""The index of each database. It follows from `Message.search_text`, in the transaction that writes it.

PostgreSQL: a GIN index of the words, without an extension, so any role can create it. To find parts of
words, a trigger keeps a list of all words (`chat_search_word`), which has an index of the ends of each word.
Numbers are not in the list: they are found by their beginning. Neither are words longer than LONGEST_WORD,
such as encoded data: each would have an entry for each of its letters.

SQLite: an FTS5 table of all groups of three characters, which triggers keep. Django drops triggers when it
rebuilds a table, so `install` runs after each `migrate`.
"""

from typing import Any

from chat.models.advisory import SEARCH_WORDS

PENDING = 8192  # kB of the GIN index's list of new words; the default of 4096 is merged twice as often
VECTOR = "array_to_tsvector(string_to_array(btrim({0}search_text), ' '))"
INDEX = f"""
    CREATE INDEX CONCURRENTLY IF NOT EXISTS chat_message_search ON chat_message USING gin
    (({VECTOR.format("")})) WITH (gin_pending_list_limit = {PENDING})
"""
DROP_INDEX = "DROP INDEX CONCURRENTLY IF EXISTS chat_message_search"
LONGEST_PART = 16  # letters of a part of a word that are looked up; the function below has the same number
LONGEST_WORD = 24  # letters of a word in the list; NEW_WORDS has the same number
WORDS = """
    CREATE TABLE IF NOT EXISTS chat_search_word (word text COLLATE "C" NOT NULL);
    CREATE INDEX IF NOT EXISTS chat_search_word_word ON chat_search_word (word);
    CREATE OR REPLACE FUNCTION chat_search_ends(word text) RETURNS tsvector
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS $$
        SELECT array_to_tsvector(ARRAY(
            SELECT substr(word, n, 16) FROM generate_series(2, length(word)) n
        ))
    $$;
    CREATE INDEX IF NOT EXISTS chat_search_word_ends ON chat_search_word USING gin (chat_search_ends(word));
"""
# The plan must use the index of words also before there are statistics. OFFSET 0 keeps PostgreSQL from
# reading all words for a join.
NEW_WORDS = """
    INSERT INTO chat_search_word (word)
    SELECT word FROM (
        SELECT DISTINCT unnest(string_to_array(btrim(search_text), ' ')) COLLATE "C" AS word
        FROM written
    ) found
    WHERE word >= 'a' AND length(word) BETWEEN 2 AND 24 AND NOT EXISTS (
        SELECT 1 FROM chat_search_word known WHERE known.word = found.word OFFSET 0
    )
"""
# The lock: a word that is known must not be removed before the message is there.
LEARN = f"""
    CREATE OR REPLACE FUNCTION chat_search_learn() RETURNS trigger
    LANGUAGE plpgsql SET enable_seqscan = off AS $$
    BEGIN
        PERFORM pg_advisory_xact_lock_shared({SEARCH_WORDS});
        {NEW_WORDS};
        RETURN NULL;
    END
    $$;
    CREATE OR REPLACE TRIGGER chat_search_insert AFTER INSERT ON chat_message
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION chat_search_learn();
    CREATE OR REPLACE TRIGGER chat_search_update AFTER UPDATE ON chat_message
    REFERENCING NEW TABLE AS written FOR EACH STATEMENT EXECUTE FUNCTION chat_search_learn();
"""
WRITTEN = "WITH written AS (SELECT search_text FROM chat_message WHERE id = ANY(%s))"
LEARN_AGAIN = " ".join([WRITTEN, NEW_WORDS])  # of these messages
# Each look-up would read the whole list of new words of the index.
MERGE_PENDING = "SELECT gin_clean_pending_list(to_regclass('chat_message_search'))"
USE_INDEX = "SET LOCAL enable_seqscan = off"
_VECTOR = VECTOR.format("chat_message.")
_HAS_WORD = f"{_VECTOR} @@ ('''' || word || '''')::tsquery"
_NO_MESSAGE = " ".join(["NOT EXISTS (SELECT 1 FROM chat_message WHERE", _HAS_WORD, "OFFSET 0)"])
_SOME = "(SELECT word FROM chat_search_word WHERE word > %s ORDER BY word LIMIT %s) part"
SOME_WORDS = " ".join(["SELECT word,", _NO_MESSAGE, "FROM", _SOME])
FORGET = " ".join(["DELETE FROM chat_search_word WHERE word = ANY(%s) AND", _NO_MESSAGE])
REMOVE_POSTGRESQL = """
    DROP TRIGGER IF EXISTS chat_search_insert ON chat_message;
    DROP TRIGGER IF EXISTS chat_search_update ON chat_message;
    DROP INDEX IF EXISTS chat_message_search;
    DROP TABLE IF EXISTS chat_search_word;
    DROP FUNCTION IF EXISTS chat_search_learn, chat_search_ends;
"""
FTS5 = """
    CREATE VIRTUAL TABLE IF NOT EXISTS chat_search USING fts5 (
        search_text, content='chat_message', content_rowid='id', detail='none', columnsize=0,
        tokenize='trigram case_sensitive 1'
    )
"""
VOCABULARY = "CREATE VIRTUAL TABLE IF NOT EXISTS chat_search_terms USING fts5vocab ('chat_search', 'row')"
_REMOVE = (
    "INSERT INTO chat_search (chat_search, rowid, search_text) VALUES ('delete', old.id, old.search_text);"
)
_ADD = "INSERT INTO chat_search (rowid, search_text) VALUES (new.id, new.search_text);"
SQLITE = (
    FTS5,
    VOCABULARY,
    f"""CREATE TRIGGER IF NOT EXISTS chat_search_insert AFTER INSERT ON chat_message
        WHEN new.search_text <> '' BEGIN {_ADD} END""",
    f"""CREATE TRIGGER IF NOT EXISTS chat_search_delete AFTER DELETE ON chat_message
        WHEN old.search_text <> '' BEGIN {_REMOVE} END""",
    f"""CREATE TRIGGER IF NOT EXISTS chat_search_update_old AFTER UPDATE OF search_text ON chat_message
        WHEN old.search_text <> '' AND old.search_text IS NOT new.search_text BEGIN {_REMOVE} END""",
    f"""CREATE TRIGGER IF NOT EXISTS chat_search_update_new AFTER UPDATE OF search_text ON chat_message
        WHEN new.search_text <> '' AND old.search_text IS NOT new.search_text BEGIN {_ADD} END""",
)


def install(connection: Any) -> None:
    """Create the tables, functions and triggers that are missing."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(WORDS)
            cursor.execute(LEARN)
        elif has_trigrams(cursor):
            for statement in SQLITE:
                cursor.execute(statement)


def has_trigrams(cursor: Any) -> bool:
    """Whether this SQLite has FTS5 with trigrams, as all since 3.34 that are built with it."""
    cursor.execute("SELECT sqlite_version()")
    version = tuple(map(int, cursor.fetchone()[0].split(".")))
    cursor.execute("SELECT 1 FROM pragma_module_list WHERE name = 'fts5'")
    return cursor.fetchone() is not None and version >= (3, 34)


def remove(connection: Any) -> None:
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(REMOVE_POSTGRESQL)
            return
        for name in ("insert", "delete", "update_old", "update_new"):
            cursor.execute(f"DROP TRIGGER IF EXISTS chat_search_{name}")
        cursor.execute("DROP TABLE IF EXISTS chat_search_terms")
        cursor.execute("DROP TABLE IF EXISTS chat_search")
