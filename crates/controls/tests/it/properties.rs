//! Placeholder of a file written below.
