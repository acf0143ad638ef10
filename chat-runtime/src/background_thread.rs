//! A thread for work that others need not wait for.

use crate::authenticator::Unavailable;
use crate::priority::lower_priority;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use tokio::sync::oneshot;

/// A thread that does one job after the other. On Linux it has a lower priority than other threads
/// of the program, so that messages do not wait for its jobs. It ends when this is dropped, after
/// the job that it is doing.
#[derive(Debug)]
pub(crate) struct BackgroundThread {
    jobs: Sender<Job>,
}

type Job = Box<dyn FnOnce() + Send>;

impl BackgroundThread {
    /// Starts the thread.
    pub(crate) fn start(name: &str) -> io::Result<Self> {
        let (jobs, queue) = channel();
        thread::Builder::new().name(name.to_owned()).spawn(move || work(&queue))?;
        Ok(Self { jobs })
    }

    /// Does a job, after those before it. The queue has no limit: callers keep to one of their own.
    /// A job is also done if the future is dropped.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        job: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, Unavailable> {
        let (sender, result) = oneshot::channel();
        // It is no error if nobody waits any longer.
        let job = Box::new(move || drop(sender.send(job())));
        self.jobs.send(job).map_err(|_| "the thread has ended")?;
        Ok(result.await?)
    }
}

fn work(queue: &Receiver<Job>) {
    lower_priority();
    for job in queue {
        // A panic must not end the thread: its caller gets an error, and the next job is done.
        let _ = catch_unwind(AssertUnwindSafe(job));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn panic_in_a_job_ends_no_thread() {
        let thread = BackgroundThread::start("test").unwrap();
        let job = || -> u8 { panic!("a test") };
        assert!(thread.run(job).await.is_err());
        assert_eq!(thread.run(|| 1).await.unwrap(), 1);
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn only_the_thread_itself_has_a_lower_priority() {
        let nice = || rustix::process::getpriority_process(None).unwrap();
        let before = nice();
        let thread = BackgroundThread::start("test").unwrap();
        assert_eq!(thread.run(nice).await.unwrap(), (before + 10).min(19));
        assert_eq!(nice(), before);
    }
}
