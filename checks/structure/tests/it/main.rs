//! The checks of the project's structure, and tests of the checks.

mod planted;
mod project;
