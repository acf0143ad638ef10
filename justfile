# Recipes for `just`. Each is a single command, which can also be typed without `just`.

# All tests: those that need only Rust, then those of the page in a browser.
test:
    ./scripts/test

# Compare instruction counts with their budgets; `just budgets update` sets new budgets.
budgets *ARGUMENTS:
    ./scripts/budgets {{ARGUMENTS}}

# Run COUNT simulations with faults, from a random first seed, until one fails.
simulate COUNT:
    cargo run --release -p chat-simulation --example simulate -- {{COUNT}}

# Repeat one simulation.
simulate-seed SEED:
    SEED={{SEED}} cargo test -p chat-simulation --test seeds

# Kill a server COUNT times, and compare what its clients have received with what it has kept.
kill COUNT:
    ./scripts/durability kill {{COUNT}}

# Let a server's disk lose its power COUNT times, as root.
power COUNT:
    ./scripts/durability power {{COUNT}}
