//! Workers: they take the most urgent case, analyse it, keep the result, and go on. In the server and on other machines
//! alike. What a worker holds when it dies is taken by another when the lease has run out, and analysed in a process of
//! its own from then on.

use super::{App, Clock, analysis, apart};
use crate::store::{Job, Store, StoreError};
use std::path::PathBuf;
use std::time::Duration;

/// Names of workers inside a server begin so: a new run of it knows that those of the last one are gone.
pub const INSIDE: &str = "inside-";
/// How long a worker without work sleeps at most.
const REST: Duration = Duration::from_millis(500);
/// How often a lease is renewed.
const RENEW: Duration = Duration::from_secs(10);

/// One worker.
pub struct Worker {
    /// The store it works for.
    pub store: Store,
    /// Its name, of no other worker.
    pub name: String,
    /// The time.
    pub clock: Clock,
    /// The program that analyses apart what ended a worker before; `None` = it is analysed here.
    pub program: Option<PathBuf>,
    /// The server that it is in, for its counters.
    pub app: Option<App>,
}

impl Worker {
    /// Works until the task is ended.
    pub async fn work(self) {
        loop {
            match self.store.take_job(&self.name, (self.clock)()).await {
                Ok(Some(job)) => self.one(job).await,
                Ok(None) => self.store.queued(REST).await,
                Err(error) => {
                    complain("take", &error);
                    tokio::time::sleep(REST).await;
                }
            }
        }
    }

    /// One job, with its lease kept alive beside it.
    async fn one(&self, job: Job) {
        let begun = std::time::Instant::now();
        let work = self.analyse(job);
        tokio::pin!(work);
        let done = loop {
            tokio::select! {
                done = &mut work => break done,
                () = tokio::time::sleep(RENEW) => {
                    let _ = self.store.renew_job(job, &self.name, (self.clock)()).await;
                }
            }
        };
        if let Err(error) = done {
            complain("analyse", &error);
            let _ = self.store.return_job(job, &self.name, (self.clock)()).await;
            tokio::time::sleep(REST).await;
        } else if let Some(app) = &self.app {
            app.inner.counters.analysed(begun.elapsed());
        }
    }

    async fn analyse(&self, job: Job) -> Result<(), StoreError> {
        let (store, clock) = (&self.store, &self.clock);
        let row = store.case(job.case).await?;
        let files = match analysis::files(store, &row).await {
            Ok(files) => files,
            Err(StoreError::Damaged(_)) => {
                let why = crate::text::text("存储的原始文件已损坏", "the stored original is damaged");
                return store.set_aside(job.case, &why, clock()).await;
            }
            Err(other) => return Err(other),
        };
        let clinical = row.clinical.clone();
        let thresholds = store.settings().await?.thresholds();
        let apart = self.program.clone().filter(|_| job.attempt > 1);
        let made = tokio::task::spawn_blocking(move || match apart {
            Some(program) => apart::make_apart(&program, &files, clinical, thresholds),
            None => Ok(Some(apart::make(&analysis::source_of(files)?, &clinical, &thresholds))),
        });
        match made.await.map_err(|e| StoreError::Corrupt(e.to_string()))?? {
            Some(Ok((object, mut found))) => {
                found.analysis = store.objects().put(object).await?;
                store.analysed(job, &found, clock()).await
            }
            Some(Err(why)) => store.set_aside(job.case, &why, clock()).await,
            None => store.died(job, &self.name, clock()).await,
        }
    }
}

/// Says on standard error that the store failed; without what it holds.
fn complain(doing: &str, error: &StoreError) {
    let kind = match error {
        StoreError::Database(_) => "database",
        StoreError::Objects(_) => "objects",
        StoreError::Full(_) => "no room left",
        StoreError::Damaged(_) => "damaged object",
        _ => "store",
    };
    super::ops::log(&format!("worker: {doing}: {kind}"));
}
