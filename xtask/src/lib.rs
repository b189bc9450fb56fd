//! What `cargo xtask` and the tidy tests both know of the source: its words, its imports, its names, its rooms and floors.

pub mod floors;
pub mod imports;
pub mod names;
pub mod source;
