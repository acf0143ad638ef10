//! Tests of the page's bundler and of the router.

mod bundle;
mod router;
