//! The migrations are embedded: a new one must make the program anew.

fn main() {
    println!("cargo:rerun-if-changed=migrations");
}
