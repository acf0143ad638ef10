//! Threads that hash, and the queue of what they have to do.

use crate::argon2id::Memory;
use argon2::Params;
use std::collections::VecDeque;
use std::mem;
use std::panic::{self, AssertUnwindSafe};
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;
use thiserror::Error;
use tokio::sync::oneshot;

/// Too many passwords wait to be hashed. The client should try again in a few seconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("too many people log in at the moment: try again in a few seconds")]
pub struct Busy;

/// The load of a [`Hasher`](crate::Hasher).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct HasherLoad {
    /// Threads that have been started and have not ended. Each has its own memory.
    pub threads: usize,
    /// Passwords that are being hashed.
    pub running: usize,
    /// Passwords that wait to be hashed.
    pub waiting: usize,
    /// Passwords that have been hashed since the start.
    pub finished: u64,
    /// Requests that were refused since the start, because the queue was full.
    pub refused: u64,
}

/// A bounded queue of jobs, and the threads that do them. The threads start when they are needed,
/// and end after a while without jobs, and when the pool is dropped.
pub(crate) struct Pool {
    shared: Arc<Shared>,
    most_threads: usize,
    queue: usize,
}

type Job = Box<dyn FnOnce(&mut Memory) + Send>;

struct Shared {
    state: Mutex<State>,
    /// Wakes an idle thread.
    work: Condvar,
    /// The time for which a thread without work keeps its memory.
    patience: Duration,
    params: Params,
}

#[derive(Default)]
struct State {
    /// Jobs with their numbers, the oldest first.
    jobs: VecDeque<(u64, Job)>,
    next_number: u64,
    /// Threads that wait for a job.
    idle: usize,
    closed: bool,
    load: HasherLoad,
}

impl Pool {
    pub(crate) fn new(
        most_threads: usize,
        queue: usize,
        patience: Duration,
        params: Params,
    ) -> Self {
        let shared = Shared { state: Mutex::default(), work: Condvar::new(), patience, params };
        Self { shared: Arc::new(shared), most_threads, queue }
    }

    /// Queues a job. It is removed from the queue if the future is dropped before it starts.
    ///
    /// # Errors
    ///
    /// If all threads are busy and the queue is full.
    pub(crate) fn submit<T: Send + 'static>(
        &self,
        job: impl FnOnce(&mut Memory) -> T + Send + 'static,
    ) -> Result<Submitted<T>, Busy> {
        let (sender, answer) = oneshot::channel();
        let shared = Arc::clone(&self.shared);
        let job: Job = Box::new(move |memory| {
            // A panic must not end the thread.
            let result = panic::catch_unwind(AssertUnwindSafe(|| job(memory)));
            shared.lock().finish();
            if let Ok(result) = result {
                // It is no error if nobody waits any longer.
                let _ = sender.send(result);
            }
        });
        let mut state = self.shared.lock();
        if state.jobs.len() + state.load.running >= self.most_threads + self.queue {
            state.load.refused += 1;
            return Err(Busy);
        }
        let number = state.next_number;
        state.next_number += 1;
        state.jobs.push_back((number, job));
        if state.idle < state.jobs.len() && state.load.threads < self.most_threads {
            self.start_thread(&mut state)?;
        }
        drop(state);
        self.shared.work.notify_one();
        Ok(Submitted { shared: Arc::clone(&self.shared), number, answer })
    }

    pub(crate) fn load(&self) -> HasherLoad {
        let state = self.shared.lock();
        HasherLoad { waiting: state.jobs.len(), ..state.load }
    }

    /// Starts a thread. If the system has none left, the others do the work; if there is no other,
    /// the job that was just queued is refused.
    fn start_thread(&self, state: &mut State) -> Result<(), Busy> {
        let shared = Arc::clone(&self.shared);
        let thread = thread::Builder::new().name("password".to_owned());
        match thread.spawn(move || shared.work()) {
            Ok(_) => state.load.threads += 1,
            Err(_) if state.load.threads > 0 => {}
            Err(_) => {
                state.jobs.pop_back();
                state.load.refused += 1;
                return Err(Busy);
            }
        }
        Ok(())
    }
}

/// Ends the threads, each after the job that it is doing, and forgets all other jobs.
impl Drop for Pool {
    fn drop(&mut self) {
        let mut state = self.shared.lock();
        state.closed = true;
        let jobs = mem::take(&mut state.jobs);
        drop(state);
        drop(jobs);
        self.shared.work.notify_all();
    }
}

impl Shared {
    fn lock(&self) -> MutexGuard<'_, State> {
        // No code that holds the lock can panic half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does jobs until the thread is no longer needed.
    fn work(&self) {
        // Somebody who logs in can wait for a moment, and messages should not.
        chat_runtime::lower_priority();
        let mut memory = Memory::new(&self.params);
        while let Some(job) = self.next_job() {
            job(&mut memory);
        }
    }

    /// Waits for a job, and counts it as running. Returns `None` if the thread is no longer needed,
    /// and has counted it as ended then: a job that is queued from now on needs another thread.
    fn next_job(&self) -> Option<Job> {
        let mut state = self.lock();
        let mut idle_for_long = false;
        loop {
            if let Some((_, job)) = state.jobs.pop_front() {
                state.load.running += 1;
                return Some(job);
            }
            if state.closed || idle_for_long {
                state.load.threads -= 1;
                return None;
            }
            state.idle += 1;
            let waited = self.work.wait_timeout(state, self.patience);
            let (woken, timeout) = waited.unwrap_or_else(PoisonError::into_inner);
            state = woken;
            state.idle -= 1;
            idle_for_long = timeout.timed_out();
        }
    }

    /// Takes a job out of the queue, if it has not been started.
    fn remove(&self, number: u64) -> Option<Job> {
        let jobs = &mut self.lock().jobs;
        let place = jobs.binary_search_by_key(&number, |(number, _)| *number).ok()?;
        jobs.remove(place).map(|(_, job)| job)
    }
}

impl State {
    fn finish(&mut self) {
        self.load.running -= 1;
        self.load.finished += 1;
    }
}

/// The result of a job that has been queued. Dropping it before the job starts removes the job.
pub(crate) struct Submitted<T> {
    shared: Arc<Shared>,
    number: u64,
    answer: oneshot::Receiver<T>,
}

impl<T> Future for Submitted<T> {
    type Output = Result<T, Busy>;

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Self::Output> {
        Pin::new(&mut self.answer).poll(context).map_err(|_| Busy)
    }
}

impl<T> Drop for Submitted<T> {
    fn drop(&mut self) {
        // The lock is released before the job is dropped.
        drop(self.shared.remove(self.number));
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use crate::argon2id::Cost;
    use std::sync::mpsc;

    fn pool(threads: usize, queue: usize) -> Pool {
        impatient_pool(threads, queue, Duration::from_secs(600))
    }

    fn impatient_pool(threads: usize, queue: usize, patience: Duration) -> Pool {
        let params = Cost { memory: 8, passes: 1, lanes: 1 }.params().unwrap();
        Pool::new(threads, queue, patience, params)
    }

    /// Keeps one thread of a pool busy until the sender is dropped.
    pub(crate) fn block(pool: &Pool) -> (Submitted<()>, mpsc::Sender<()>) {
        let (started, has_started) = mpsc::channel();
        let (release, released) = mpsc::channel::<()>();
        let submitted = pool.submit(move |_| {
            started.send(()).unwrap();
            let _ = released.recv();
        });
        has_started.recv().unwrap();
        (submitted.unwrap(), release)
    }

    #[tokio::test]
    async fn full_queue_refuses_at_once() {
        let pool = pool(1, 2);
        let (blocked, release) = block(&pool);
        let one = pool.submit(|_| 1).unwrap();
        let two = pool.submit(|_| 2).unwrap();
        assert_eq!(pool.submit(|_| 3).err(), Some(Busy));
        let load = pool.load();
        assert_eq!((load.threads, load.running, load.waiting, load.refused), (1, 1, 2, 1));
        drop(release);
        assert_eq!(blocked.await, Ok(()));
        assert_eq!((one.await, two.await), (Ok(1), Ok(2)));
        assert_eq!(pool.submit(|_| 4).unwrap().await, Ok(4));
        let expected = HasherLoad { threads: 1, finished: 4, refused: 1, ..HasherLoad::default() };
        assert_eq!(pool.load(), expected);
    }

    #[tokio::test]
    async fn without_queue_a_free_thread_takes_a_job() {
        let pool = pool(1, 0);
        for number in 0..100 {
            assert_eq!(pool.submit(move |_| number).unwrap().await, Ok(number));
        }
        let (blocked, _release) = block(&pool);
        assert_eq!(pool.submit(|_| ()).err(), Some(Busy));
        drop(blocked);
    }

    #[tokio::test]
    async fn job_of_a_dropped_future_is_not_done() {
        let pool = pool(1, 3);
        let (blocked, release) = block(&pool);
        let (done, have_done) = mpsc::channel();
        let mut submitted: Vec<_> = (0..3)
            .map(|number| {
                let done = done.clone();
                pool.submit(move |_| done.send(number).unwrap()).unwrap()
            })
            .collect();
        drop(submitted.remove(1));
        // Its place in the queue is free again.
        assert_eq!(pool.load().waiting, 2);
        submitted.push(pool.submit(move |_| done.send(3).unwrap()).unwrap());
        drop(release);
        blocked.await.unwrap();
        for job in submitted {
            job.await.unwrap();
        }
        assert_eq!(have_done.iter().collect::<Vec<_>>(), [0, 2, 3]);
        assert_eq!(pool.load().finished, 4);
    }

    #[tokio::test]
    async fn threads_start_when_they_are_needed_up_to_the_limit() {
        let pool = pool(2, 10);
        assert_eq!(pool.load().threads, 0);
        let (one, release_one) = block(&pool);
        assert_eq!(pool.load().threads, 1);
        let (two, release_two) = block(&pool);
        assert_eq!(pool.load().threads, 2);
        let third = pool.submit(|_| ()).unwrap();
        assert_eq!((pool.load().threads, pool.load().waiting), (2, 1));
        drop((release_one, release_two));
        one.await.unwrap();
        two.await.unwrap();
        third.await.unwrap();
    }

    #[tokio::test]
    async fn threads_without_work_end_and_start_again() {
        let pool = impatient_pool(2, 10, Duration::from_micros(50));
        for number in 0..500 {
            assert_eq!(pool.submit(move |_| number).unwrap().await, Ok(number));
            if number % 2 == 0 {
                thread::sleep(Duration::from_micros(number % 100));
            }
        }
        while pool.load().threads > 0 {
            thread::yield_now();
        }
        assert_eq!(pool.submit(|_| 1).unwrap().await, Ok(1));
    }

    #[tokio::test]
    async fn dropping_the_pool_ends_its_threads() {
        let pool = pool(2, 10);
        let shared = Arc::downgrade(&pool.shared);
        let (blocked, release) = block(&pool);
        let waiting = pool.submit(|_| ()).unwrap();
        drop(pool);
        drop(release);
        blocked.await.unwrap();
        // The job was done or forgotten.
        let _ = waiting.await;
        while shared.strong_count() > 0 {
            tokio::task::yield_now().await;
        }
    }

    #[cfg(target_os = "linux")]
    #[tokio::test]
    async fn only_threads_that_hash_have_a_lower_priority() {
        let nice = || rustix::process::getpriority_process(None).unwrap();
        let before = nice();
        let lowered = pool(1, 1).submit(move |_| nice()).unwrap().await.unwrap();
        assert_eq!(lowered, (before + 10).min(19));
        assert_eq!(nice(), before);
    }

    #[tokio::test]
    async fn panic_in_a_job_ends_no_thread() {
        let pool = pool(1, 1);
        let job = |_: &mut Memory| -> u8 { panic!("a test") };
        assert_eq!(pool.submit(job).unwrap().await, Err(Busy));
        assert_eq!(pool.submit(|_| 1).unwrap().await, Ok(1));
        assert_eq!((pool.load().threads, pool.load().running), (1, 0));
    }
}
