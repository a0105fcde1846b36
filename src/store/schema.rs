//! The tables, and the steps by which an older store becomes a newer one. A step is never changed once it is out; a new
//! one is added at the end.

use super::{Engine, Result, StoreError};
use sqlx::{AnyPool, AssertSqlSafe, Executor, Row};

/// Every step, in order.
const STEPS: &[&str] = &[
    include_str!("schema.sql"),
    // Processes that a job ended while it was analysed alone.
    "ALTER TABLE job ADD COLUMN deaths BIGINT NOT NULL DEFAULT 0",
    // Originals that are deleted when their time has come, and objects that are to go.
    "ALTER TABLE ecg ADD COLUMN erased BIGINT; CREATE TABLE doomed (object TEXT PRIMARY KEY)",
    include_str!("schema_blind.sql"),
];

/// What may be written once and never changed.
const UNCHANGING: [&str; 2] = ["version", "audit"];

/// Brings the database to the newest schema.
pub async fn migrate(pool: &AnyPool, engine: Engine) -> Result<()> {
    let begin = if engine == Engine::Sqlite { "BEGIN IMMEDIATE" } else { "BEGIN" };
    let mut tx = pool.begin_with(begin).await?;
    if engine == Engine::Postgres {
        // Two programs that start at once: the second waits here and finds the work done.
        sqlx::query("SELECT 1 FROM pg_advisory_xact_lock(8206001)").execute(&mut *tx).await?;
    }
    sqlx::query("CREATE TABLE IF NOT EXISTS schema_step (step BIGINT PRIMARY KEY)").execute(&mut *tx).await?;
    let row = sqlx::query("SELECT COALESCE(MAX(step), 0) AS step FROM schema_step").fetch_one(&mut *tx).await?;
    let done: i64 = row.try_get("step")?;
    let known = STEPS.len() as i64;
    if done > known {
        return Err(StoreError::Newer(done, known));
    }
    for (number, step) in STEPS.iter().enumerate().skip(usize::try_from(done).unwrap_or(0)) {
        (&mut *tx).execute(sqlx::raw_sql(AssertSqlSafe(spoken(step, engine)))).await?;
        sqlx::query("INSERT INTO schema_step (step) VALUES ($1)").bind(number as i64 + 1).execute(&mut *tx).await?;
    }
    Ok(tx.commit().await?)
}

/// The step in the database's own words.
fn spoken(step: &str, engine: Engine) -> String {
    let (id, bytewise) = match engine {
        Engine::Sqlite => ("INTEGER PRIMARY KEY AUTOINCREMENT", ""),
        Engine::Postgres => ("BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY", "COLLATE \"C\""),
    };
    step.replace("{id}", id).replace("{bytewise}", bytewise).replace("{forbid}", &forbid(engine))
}

fn forbid(engine: Engine) -> String {
    let sqlite = |table: &str| {
        ["UPDATE", "DELETE"]
            .map(|verb| {
                format!(
                    "CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table} \
                     BEGIN SELECT RAISE(ABORT, '{table} is never changed'); END;\n"
                )
            })
            .concat()
    };
    let postgres = |table: &str| {
        format!(
            "CREATE TRIGGER {table}_unchanging BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} \
             FOR EACH STATEMENT EXECUTE FUNCTION unchanging();\n"
        )
    };
    match engine {
        Engine::Sqlite => UNCHANGING.map(sqlite).concat(),
        Engine::Postgres => {
            let function = "CREATE FUNCTION unchanging() RETURNS trigger LANGUAGE plpgsql AS $$ \
                            BEGIN RAISE EXCEPTION '% is never changed', TG_TABLE_NAME; END $$;\n";
            function.to_owned() + &UNCHANGING.map(postgres).concat()
        }
    }
}
