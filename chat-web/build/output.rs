//! A file of the page, with its compressed forms.

use flate2::{Compression, GzBuilder};
use sha2::{Digest, Sha256};
use std::fmt::Write as _;
use std::fs;
use std::io;
use std::io::Write as _;
use std::path::Path;

/// A file of the page as it is served.
pub(crate) struct Output {
    /// The name without the hash: `chat.js`.
    pub(crate) name: String,
    media_type: &'static str,
    content: Vec<u8>,
}

impl Output {
    pub(crate) fn new(name: &str, media_type: &'static str, content: impl Into<Vec<u8>>) -> Self {
        Self { name: name.to_owned(), media_type, content: content.into() }
    }

    fn hash(&self) -> String {
        let digest = Sha256::digest(&self.content);
        digest.iter().take(8).map(|byte| format!("{byte:02x}")).collect()
    }

    /// Adds the hash to the name: `chat.js` becomes `chat-0123456789abcdef.js`. A file of this name
    /// never changes.
    pub(crate) fn hashed_name(&self) -> String {
        let (stem, extension) = self.name.split_once('.').unwrap_or((&self.name, ""));
        format!("{stem}-{}.{extension}", self.hash())
    }

    /// Writes the file plain and compressed, and appends an `Asset` that contains all of them to
    /// `table`.
    pub(crate) fn write(&self, folder: &Path, table: &mut String) -> io::Result<()> {
        let plain = self.content.as_slice();
        let (gzip, br) = (gzip(plain)?, brotli(plain)?);
        for (extension, bytes) in [("", plain), (".gz", &gzip), (".br", &br)] {
            fs::write(folder.join(format!("{}{extension}", self.name)), bytes)?;
        }
        let include = |extension: &str| {
            format!("include_bytes!(concat!(env!(\"OUT_DIR\"), \"/{}{extension}\"))", self.name)
        };
        let (name, media_type, hash) = (self.hashed_name(), self.media_type, self.hash());
        write!(
            table,
            "Asset {{\n    name: {name:?},\n    media_type: \
             {media_type:?},\n    hash: {hash:?},\n    plain: {},\n    gzip: {},\n    br: {},\n}}",
            include(""),
            include(".gz"),
            include(".br"),
        )
        .map_err(io::Error::other)
    }
}

/// Compresses with gzip, without a modification time and a file name, so that builds are
/// reproducible.
fn gzip(bytes: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzBuilder::new().mtime(0).write(Vec::new(), Compression::best());
    encoder.write_all(bytes)?;
    encoder.finish()
}

fn brotli(mut bytes: &[u8]) -> io::Result<Vec<u8>> {
    let best = brotli::enc::BrotliEncoderParams::default();
    let mut compressed = Vec::new();
    brotli::BrotliCompress(&mut bytes, &mut compressed, &best)?;
    Ok(compressed)
}
