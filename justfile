# Recipes for `just`, each of them one command that can be typed without it.

# All tests: those that need nothing but Rust, then those of the page in a browser.
test:
    ./scripts/test

# What the engine and the dialects need, in instructions, compared with what they may need; `just budgets update` changes that.
budgets *ARGUMENTS:
    ./scripts/budgets {{ARGUMENTS}}

# So many simulated runs with faults, from a seed by chance, until one fails.
simulate COUNT:
    cargo run --release -p chat-simulation --example simulate -- {{COUNT}}

# One simulated run again.
simulate-seed SEED:
    SEED={{SEED}} cargo test -p chat-simulation --test seeds
