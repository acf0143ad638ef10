//! The bucket of the Object Store that has the snapshots of a realm.

use crate::error::one_line;
use crate::options::ClusterOptions;
use crate::snapshot::{MOST, SnapshotError};
use async_nats::jetstream::Context;
use async_nats::jetstream::object_store::{
    Config, InfoErrorKind, ObjectInfo, ObjectMetadata, ObjectStore,
};
use async_nats::jetstream::stream::{StorageType, Stream};
use futures::TryStreamExt;
use std::collections::HashMap;
use std::time::Duration;
use tokio::io::AsyncReadExt;
use tokio::time::timeout;

/// The snapshots of a realm. There are two places, and a new snapshot replaces the older one, so
/// that the newest one stays until the new one is complete.
#[derive(Clone)]
pub(crate) struct Bucket {
    store: ObjectStore,
    name: String,
    /// The stream that has the parts of the objects.
    stream: Stream<()>,
}

impl Bucket {
    /// Opens the bucket of a realm, or makes it.
    pub(crate) async fn open(context: &Context, options: &ClusterOptions) -> Result<Self, String> {
        let name = options.stream();
        let stream = context.get_stream_no_info(format!("OBJ_{name}")).await;
        let stream = stream.map_err(|error| one_line(&error))?;
        // It may exist, with other settings.
        if let Ok(store) = context.get_object_store(&name).await {
            return Ok(Self { store, name, stream });
        }
        let config = Config {
            bucket: name.clone(),
            description: Some("Snapshots of a chat realm".to_owned()),
            storage: StorageType::File,
            num_replicas: options.replicas(),
            compression: true,
            ..Config::default()
        };
        let made = context.create_object_store(config).await;
        let store = made.map_err(|error| one_line(&error))?;
        Ok(Self { store, name, stream })
    }

    /// Returns the position of the newest snapshot.
    pub(crate) async fn newest(&self) -> Result<Option<u64>, String> {
        let places = self.places().await?;
        Ok(places.iter().flatten().map(position).max())
    }

    /// Reads the newest snapshot that can be read, and tells `warn` about others.
    pub(crate) async fn read<T>(
        &self,
        parse: impl Fn(&[u8]) -> Result<T, SnapshotError>,
        warn: impl Fn(u64, &str),
    ) -> Result<Option<T>, String> {
        let mut places: Vec<ObjectInfo> = self.places().await?.into_iter().flatten().collect();
        places.sort_by_key(|info| std::cmp::Reverse(position(info)));
        for info in places {
            let position = position(&info);
            let bytes = match self.read_one(info).await {
                Ok(bytes) => bytes,
                Err(reason) => {
                    warn(position, &reason);
                    continue;
                }
            };
            match parse(&bytes) {
                Ok(snapshot) => return Ok(Some(snapshot)),
                Err(error) => warn(position, &one_line(&error)),
            }
        }
        Ok(None)
    }

    /// Writes a snapshot, unless there is a newer one.
    pub(crate) async fn write(&self, at: u64, bytes: &[u8]) -> Result<(), String> {
        let [first, second] = self.places().await?;
        let [one, other] = [&first, &second].map(|info| info.as_ref().map_or(0, position));
        if one.max(other) >= at {
            return Ok(());
        }
        self.delete_rests([first.as_ref(), second.as_ref()]).await?;
        let name = PLACES[usize::from(other < one)].to_owned();
        let metadata = HashMap::from([(POSITION.to_owned(), at.to_string())]);
        let metadata = ObjectMetadata { name, metadata, ..ObjectMetadata::default() };
        let mut reader = bytes;
        let stored = timeout(WRITING, self.store.put(metadata, &mut reader)).await;
        let stored = stored.map_err(|_| "it takes too long".to_owned())?;
        stored.map(drop).map_err(|error| one_line(&error))
    }

    /// Deletes the parts that unfinished writes have left.
    async fn delete_rests(&self, known: [Option<&ObjectInfo>; 2]) -> Result<(), String> {
        let prefix = format!("$O.{}.C.", self.name);
        let parts = self.stream.info_with_subjects(format!("{prefix}>")).await;
        let mut parts = parts.map_err(|error| one_line(&error))?;
        while let Some((subject, _)) = parts.try_next().await.map_err(|error| one_line(&error))? {
            let number = subject.strip_prefix(&prefix).unwrap_or_default();
            if !known.iter().flatten().any(|info| info.nuid == number) {
                let purged = self.stream.purge().filter(&subject).await;
                purged.map_err(|error| one_line(&error))?;
            }
        }
        Ok(())
    }

    /// Reads an object, whose digest the library compares.
    async fn read_one(&self, info: ObjectInfo) -> Result<Vec<u8>, String> {
        if info.size > MOST {
            return Err(format!("it has {} bytes", info.size));
        }
        let store = self.store.clone();
        // The library panics if it cannot make a consumer, and waits without end for parts that are
        // missing.
        let reading = tokio::spawn(async move {
            let mut bytes = Vec::with_capacity(info.size);
            let mut object = store.get(&info.name).await.map_err(|error| one_line(&error))?;
            let mut part = vec![0; PART];
            loop {
                let read = timeout(PATIENCE, object.read(&mut part)).await;
                let count = read.map_err(|_| "a part of it is missing".to_owned())?;
                match count.map_err(|error| one_line(&error))? {
                    0 => break,
                    count => bytes.extend_from_slice(&part[..count]),
                }
            }
            if bytes.len() == object.info().size { Ok(bytes) } else { Err("it is cut".to_owned()) }
        });
        reading.await.unwrap_or_else(|_| Err("the server cannot be read from".to_owned()))
    }

    /// Returns what is stored in each place.
    async fn places(&self) -> Result<[Option<ObjectInfo>; 2], String> {
        let mut found = [None, None];
        for (place, info) in PLACES.iter().zip(&mut found) {
            *info = match self.store.info(place).await {
                Ok(stored) => Some(stored).filter(|stored| !stored.deleted),
                Err(error) if error.kind() == InfoErrorKind::NotFound => None,
                Err(error) => return Err(one_line(&error)),
            };
        }
        Ok(found)
    }
}

/// Returns the position of a snapshot.
fn position(info: &ObjectInfo) -> u64 {
    info.metadata.get(POSITION).and_then(|position| position.parse().ok()).unwrap_or(0)
}

/// The names of the two places.
const PLACES: [&str; 2] = ["snapshot-a", "snapshot-b"];
/// The name of the position among the metadata of an object.
const POSITION: &str = "position";
/// The bytes that are read at once.
const PART: usize = 128 * 1_024;
/// The time within which a server has to send the next part.
const PATIENCE: Duration = Duration::from_secs(5);
/// The time that writing may take.
const WRITING: Duration = Duration::from_secs(300);
