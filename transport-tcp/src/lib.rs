//! A front end of the chat engine for lines over TCP, in any dialect.
//!
//! ```
//! use chat_runtime::chat_dialects::TextDialect;
//! use transport_tcp::TcpFrontEnd;
//!
//! # #[tokio::main(flavor = "current_thread")]
//! # async fn main() -> Result<(), Box<dyn std::error::Error>> {
//! let front_end = TcpFrontEnd::bind("127.0.0.1:0".parse()?, TextDialect::bracket())?;
//! println!("nc {} {}", front_end.local_addr().ip(), front_end.local_addr().port());
//! # Ok(())
//! # }
//! ```

mod auto;
mod detection;
mod first_line;
mod foreign;
mod front_end;
mod lines;
mod stream;

pub use auto::AutoDialects;
pub use front_end::TcpFrontEnd;
pub use stream::{CrlfFraming, LineFraming, LineSource};
