//! The checks of the project's structure and documents, and tests of the checks.

mod extending;
mod planted;
mod project;
