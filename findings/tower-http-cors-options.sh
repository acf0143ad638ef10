#!/usr/bin/env bash
# Package: tower-http 0.7.1 (`CorsLayer`), with axum 0.8.9 inside of it.
#
# Expectation: the layer answers the CORS preflights, which are the OPTIONS requests that have
# `Origin` and `Access-Control-Request-Method`, and passes every other OPTIONS request on.
#
# Behaviour: the layer looks at the method only. It answers every OPTIONS request with status 200,
# and the inner service is never asked. The `Allow` header that it would have sent is lost, and a
# path that does not exist answers 200 as well.
#
# Where it matters: an API that lists its methods with OPTIONS (RFC 9110, section 9.3.7), WebDAV, or
# a probe that uses OPTIONS. They work until the layer is put around the router.
#
# Seen on 2026-11-28.
set -euo pipefail

dir=$(mktemp -d)
trap 'rm -rf "$dir"' EXIT
export CARGO_TARGET_DIR="$dir/target"
mkdir "$dir/src"

cat >"$dir/Cargo.toml" <<'TOML'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"
[dependencies]
axum = { version = "=0.8.9", default-features = false }
tokio = { version = "=1.54.1", features = ["macros", "rt"] }
tower = { version = "=0.5.3", features = ["util"] }
tower-http = { version = "=0.7.1", features = ["cors"] }
[workspace]
TOML

cat >"$dir/src/main.rs" <<'RUST'
use std::process::exit;

use axum::body::Body;
use axum::http::{header::ALLOW, Method, Request, Response};
use axum::routing::{get, Router};
use tower::ServiceExt;
use tower_http::cors::{Any, CorsLayer};

/// Returns the router's answer to an OPTIONS request without CORS headers, which is no preflight.
async fn options(router: &Router, path: &str) -> (u16, Option<String>) {
    let request = Request::options(path).body(Body::empty()).unwrap();
    let response: Response<Body> = router.clone().oneshot(request).await.unwrap();
    let allow = response.headers().get(ALLOW).map(|value| value.to_str().unwrap().to_owned());
    (response.status().as_u16(), allow)
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let bare = Router::new().route(
        "/things",
        get(|| async { "things" }).options(|| async { ([(ALLOW, "GET, HEAD, OPTIONS")], ()) }),
    );
    let cors = CorsLayer::new().allow_origin(Any).allow_methods([Method::GET]);
    let layered = bare.clone().layer(cors);

    let expected = [
        ("without the layer", &bare, "/things", (200, Some("GET, HEAD, OPTIONS".to_owned()))),
        ("without the layer", &bare, "/nothing", (404, None)),
        ("with the layer", &layered, "/things", (200, None)),
        ("with the layer", &layered, "/nothing", (200, None)),
    ];
    let mut same = true;
    for (name, router, path, expected) in expected {
        let seen = options(router, path).await;
        println!("OPTIONS {path} without Origin, {name}: status {}, Allow {:?}", seen.0, seen.1);
        if seen != expected {
            println!("CHANGED: expected {expected:?}");
            same = false;
        }
    }
    if !same {
        exit(1);
    }
}
RUST

cd "$dir"
timeout 900 nice cargo build --quiet || { echo "CANNOT TELL: the build failed"; exit 2; }
cargo pkgid tower-http | sed 's/.*#/Package: /'
status=0
timeout 60 nice cargo run --quiet || status=$?
[ "$status" -le 2 ] || echo "CANNOT TELL: the program ended with status $status"
[ "$status" = 0 ] || exit "$status"
echo "As stated: CorsLayer answers every OPTIONS request itself."
