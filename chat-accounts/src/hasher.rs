//! Hashes and verifies passwords on threads of its own.

use crate::argon2id::{Argon2id, Cost};
use crate::credentials::Credentials;
use crate::passwords::Password;
use crate::pool::{Busy, HasherLoad, Pool};
use crate::random::random;
use crate::scram::ScramVerifier;
use crate::scram_logins::{SALT as SCRAM_SALT, ScramLogins};
use argon2::Params;
use argon2::password_hash::phc::Salt;
use std::fmt;
use std::thread;
use std::time::Duration;
use thiserror::Error;

/// The parameters of hashing, and the share of the machine that it may use. Start from
/// [`HasherConfig::default`] and change what you need.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct HasherConfig {
    /// The most threads. As many as there are cores: more would need more memory and finish no
    /// earlier.
    pub threads: usize,
    /// The most passwords that wait for a thread. 1,024: on two cores, the last of them
    /// waits for about 10 seconds. More are refused with [`Busy`].
    pub queue: usize,
    /// Memory of argon2id, in KiB. 19,456 (19 MiB), as OWASP recommends; each thread has as much.
    pub memory: u32,
    /// Passes of argon2id over its memory. 2, as OWASP recommends for 19 MiB.
    pub passes: u32,
    /// Iterations of SCRAM-SHA-256, at least [`ScramVerifier::FEWEST_ITERATIONS`]. `None`: no
    /// verifiers are made. Clients send their password then, and an attacker who has stolen the
    /// store can guess passwords only with argon2id.
    ///
    /// Only front ends with SASL need them. [`SCRAM_ITERATIONS`](Self::SCRAM_ITERATIONS) is a good
    /// number. Accounts that exist already get a verifier with their next login.
    pub scram_iterations: Option<u32>,
}

impl Default for HasherConfig {
    fn default() -> Self {
        Self {
            threads: thread::available_parallelism().map_or(1, Into::into),
            queue: 1_024,
            memory: Params::DEFAULT_M_COST,
            passes: Params::DEFAULT_T_COST,
            scram_iterations: None,
        }
    }
}

impl HasherConfig {
    /// Iterations of SCRAM-SHA-256 that take less than a tenth of the time of argon2id with its
    /// default settings. Clients do the same work at each login.
    pub const SCRAM_ITERATIONS: u32 = 10_000;
}

/// The reason why a [`Hasher`] cannot work as it is configured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum HasherConfigError {
    /// There would be no thread.
    #[error("passwords need at least one thread to be hashed")]
    NoThreads,
    /// Memory or passes of argon2id are out of range.
    #[error("argon2id needs from 8 KiB to 256 MiB of memory and from 1 to 64 passes")]
    Cost,
    /// There are fewer iterations than RFC 7677 allows.
    #[error("SCRAM-SHA-256 needs at least {} iterations", ScramVerifier::FEWEST_ITERATIONS)]
    ScramIterations,
}

/// Hashes and verifies passwords: argon2id, and verifiers for SCRAM-SHA-256.
///
/// This takes much time and memory on purpose, so that it happens on threads of its own, at most
/// one per core, and the rest wait in a bounded queue. On Linux these threads have a lower priority
/// than the others of the program, so that messages do not wait for passwords. They start when they
/// are needed, and end half a minute after they were needed last, or when the hasher is dropped.
/// Each has one block of memory that it uses again. Only credentials with greater parameters than
/// the configured ones need more, up to 256 MiB, while they are verified.
///
/// All futures are cancel-safe: if one is dropped before a thread has started to hash, the password
/// is not hashed at all.
pub struct Hasher {
    pool: Pool,
    params: Params,
    scram_iterations: Option<u32>,
    /// The credentials of accounts that do not exist.
    nobody: Argon2id,
}

/// The result of [`Hasher::verify`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Verdict {
    /// The password belongs to the credentials.
    Right {
        /// True if the credentials were made with other parameters than those of the hasher. The
        /// password should be [hashed](Hasher::hash) anew and stored, now that it is known.
        outdated: bool,
    },
    /// The password is wrong, or there is no such account.
    Wrong,
}

impl Hasher {
    /// Creates a hasher. It starts no thread yet.
    ///
    /// # Errors
    ///
    /// If a setting is out of range.
    ///
    /// # Panics
    ///
    /// If the operating system has no random numbers.
    pub fn new(config: &HasherConfig) -> Result<Self, HasherConfigError> {
        let &HasherConfig { threads, queue, memory, passes, scram_iterations } = config;
        if threads == 0 {
            return Err(HasherConfigError::NoThreads);
        }
        if scram_iterations.is_some_and(|count| count < ScramVerifier::FEWEST_ITERATIONS) {
            return Err(HasherConfigError::ScramIterations);
        }
        let cost = Cost { memory, passes, lanes: 1 };
        let params = cost.params().ok_or(HasherConfigError::Cost)?;
        Ok(Self {
            pool: Pool::new(threads, queue, PATIENCE, params.clone()),
            nobody: Argon2id::of_nobody(salt(), params.clone(), random()),
            params,
            scram_iterations,
        })
    }

    /// Hashes a new password.
    ///
    /// # Errors
    ///
    /// If all threads are busy and the queue is full, at once.
    ///
    /// # Panics
    ///
    /// If the operating system has no random numbers.
    pub async fn hash(&self, password: &Password) -> Result<Credentials, Busy> {
        let (password, params) = (password.clone(), self.params.clone());
        let scram_iterations = self.scram_iterations;
        let (argon2id_salt, scram_salt) = (salt(), random::<SCRAM_SALT>());
        let hashed = self.pool.submit(move |memory| {
            let argon2id = Argon2id::new(&password, argon2id_salt, params, memory);
            let scram =
                scram_iterations.map(|count| ScramVerifier::new(&password, &scram_salt, count));
            Credentials { argon2id, scram }
        })?;
        hashed.await
    }

    /// Verifies a password with the credentials of an account, or with `None` if there is no such
    /// account.
    ///
    /// A missing account costs exactly as much work as a wrong password, so that the time of the
    /// answer does not tell which accounts there are. (Credentials that were made with other
    /// parameters take as long as those say, until they are hashed anew.)
    ///
    /// # Errors
    ///
    /// If all threads are busy and the queue is full, at once.
    pub async fn verify(
        &self,
        password: &Password,
        credentials: Option<&Credentials>,
    ) -> Result<Verdict, Busy> {
        let hash = credentials.map_or(&self.nobody, |credentials| &credentials.argon2id).clone();
        let password = password.clone();
        let verified = self.pool.submit(move |memory| hash.is_of(&password, memory))?;
        let right = verified.await?;
        Ok(match credentials {
            Some(credentials) if right => {
                Verdict::Right { outdated: self.is_outdated(credentials) }
            }
            Some(_) | None => Verdict::Wrong,
        })
    }

    /// Returns the check of logins with SCRAM, if verifiers are made.
    pub(crate) fn scram_logins(&self) -> Option<ScramLogins> {
        self.scram_iterations.map(|count| ScramLogins::new(count, self.nobody.clone()))
    }

    /// Returns how many passwords are being hashed and wait to be.
    pub fn load(&self) -> HasherLoad {
        self.pool.load()
    }

    fn is_outdated(&self, credentials: &Credentials) -> bool {
        let scram_iterations = credentials.scram.as_ref().map(ScramVerifier::iterations);
        *credentials.argon2id.params() != self.params || scram_iterations != self.scram_iterations
    }
}

impl fmt::Debug for Hasher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { pool, params, scram_iterations, nobody: _ } = self;
        let mut debug = f.debug_struct("Hasher");
        debug.field("memory", &params.m_cost()).field("passes", &params.t_cost());
        debug.field("scram_iterations", scram_iterations).field("load", &pool.load());
        debug.finish_non_exhaustive()
    }
}

/// Returns a random salt of the length that RFC 9106 §4 recommends.
fn salt() -> Salt {
    Salt::new(&random::<16>()).expect("the length is within the limits")
}

/// The time for which a thread without work keeps its memory: longer than the pauses between two
/// logins on a busy server, since a hash in new memory takes half as long again.
const PATIENCE: Duration = Duration::from_secs(30);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pool::tests::block;
    use chat_core::Secret;
    use std::future::{Future, poll_fn};
    use std::pin::{Pin, pin};
    use std::task::Poll;

    #[tokio::test]
    async fn full_queue_is_busy_and_absent_clients_are_not_hashed() {
        let mut config = HasherConfig::default();
        (config.threads, config.queue, config.memory) = (1, 2, 8);
        let hasher = Hasher::new(&config).unwrap();
        let password = Password::prepare(&Secret::new("pencil")).unwrap();
        let (blocked, release) = block(&hasher.pool);

        let mut hash = pin!(hasher.hash(&password));
        let mut absent = Box::pin(hasher.verify(&password, None));
        assert_eq!(poll_once(hash.as_mut()).await, None);
        assert_eq!(poll_once(absent.as_mut()).await, None);
        assert_eq!(poll_once(pin!(hasher.verify(&password, None))).await, Some(Err(Busy)));
        assert_eq!(poll_once(pin!(hasher.hash(&password))).await, Some(Err(Busy)));
        drop(absent);
        let mut verify = pin!(hasher.verify(&password, None));
        assert_eq!(poll_once(verify.as_mut()).await, None);

        drop(release);
        blocked.await.unwrap();
        assert!(hash.await.is_ok());
        assert_eq!(verify.await, Ok(Verdict::Wrong));
        let load = hasher.load();
        assert_eq!((load.threads, load.finished, load.refused, load.waiting), (1, 3, 2, 0));
    }

    /// Polls a future once. Returns `None` if it is not ready.
    async fn poll_once<F: Future>(mut future: Pin<&mut F>) -> Option<F::Output> {
        poll_fn(|context| match future.as_mut().poll(context) {
            Poll::Ready(output) => Poll::Ready(Some(output)),
            Poll::Pending => Poll::Ready(None),
        })
        .await
    }
}
