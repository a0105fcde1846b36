//! Workers: they take the most urgent case, analyse it, keep the result, and go on. In the server and on other machines
//! alike. What a worker holds when it dies is taken by another when the lease has run out.

use super::{App, Clock, analysis};
use crate::store::{Job, Store, StoreError};
use crate::text::Text;
use std::time::Duration;

/// Names of workers inside a server begin so: a new run of it knows that those of the last one are gone.
pub const INSIDE: &str = "inside-";
/// How long a worker without work sleeps at most.
const REST: Duration = Duration::from_millis(500);
/// How often a lease is renewed.
const RENEW: Duration = Duration::from_secs(10);

/// Works until the task is ended.
pub async fn work(store: Store, name: String, clock: Clock, app: Option<App>) {
    let mut looked = clock();
    loop {
        let now = clock();
        if now.duration_since(looked).as_secs() >= 5 {
            looked = now;
            if let Err(error) = store.give_up(now).await {
                complain("give up", &error);
            }
        }
        match store.take_job(&name, now).await {
            Ok(Some(job)) => one(&store, &name, &clock, job, app.as_ref()).await,
            Ok(None) => store.queued(REST).await,
            Err(error) => {
                complain("take", &error);
                tokio::time::sleep(REST).await;
            }
        }
    }
}

/// One job, with its lease kept alive beside it.
async fn one(store: &Store, name: &str, clock: &Clock, job: Job, app: Option<&App>) {
    let begun = std::time::Instant::now();
    let work = analyse(store, clock, job);
    tokio::pin!(work);
    let done = loop {
        tokio::select! {
            done = &mut work => break done,
            () = tokio::time::sleep(RENEW) => {
                let _ = store.renew_job(job, name, clock()).await;
            }
        }
    };
    if let Err(error) = done {
        complain("analyse", &error);
        let _ = store.return_job(job, name, clock()).await;
        tokio::time::sleep(REST).await;
    } else if let Some(app) = app {
        app.inner.counters.analysed(begun.elapsed());
    }
}

async fn analyse(store: &Store, clock: &Clock, job: Job) -> Result<(), StoreError> {
    let row = store.case(job.case).await?;
    let source = match analysis::source(store, &row).await {
        Ok(source) => source,
        Err(StoreError::Damaged(_)) => {
            let why = crate::text::text("存储的原始文件已损坏", "the stored original is damaged");
            return store.set_aside(job.case, &why, clock()).await;
        }
        Err(other) => return Err(other),
    };
    let clinical = row.clinical.clone();
    let thresholds = store.settings().await?.thresholds();
    let made = tokio::task::spawn_blocking(move || {
        let (recording, diagnosis) = analysis::examine(&source, &clinical, &thresholds)?;
        analysis::result(recording, diagnosis)
    });
    let made: Result<_, Text> = made.await.map_err(|e| StoreError::Corrupt(e.to_string()))?;
    match made {
        Ok((object, mut found)) => {
            found.analysis = store.objects().put(object).await?;
            store.analysed(job, &found, clock()).await
        }
        Err(why) => store.set_aside(job.case, &why, clock()).await,
    }
}

/// Says on standard error that the store failed; without what it holds.
fn complain(doing: &str, error: &StoreError) {
    let kind = match error {
        StoreError::Database(_) => "database",
        StoreError::Objects(_) => "objects",
        StoreError::Damaged(_) => "damaged object",
        _ => "store",
    };
    super::ops::log(&format!("worker: {doing}: {kind}"));
}
