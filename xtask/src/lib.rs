//! What `cargo xtask` and the tidy tests both know of the source: its words, its imports, its rooms and floors.

pub mod floors;
pub mod imports;
pub mod source;
