//! Which files are here, and which of them must be.

use super::{Bundle, Difference, report::listed};
use crate::sampling::file::{COMMITMENT, FRAME, REVEAL, ROSTER, SAMPLE};

const ALL: [&str; 5] = [COMMITMENT, FRAME, ROSTER, SAMPLE, REVEAL];

/// The files that are still closed; refuses sets that no step of a draw leaves behind.
///
/// The commitment comes first, frame and roster follow (to auditors) once the frame closed, sample
/// and reveal leave together, and with them everything.
pub fn closed(bundle: &Bundle) -> Result<Vec<&'static str>, Difference> {
    let (here, missing): (Vec<&str>, Vec<&str>) =
        ALL.iter().partition(|name| bundle.get(name).is_some());
    if here.is_empty() {
        let words = format!("no file of a draw is here; expected are {}", listed(&ALL));
        return Err(Difference::of_file("", words));
    }
    let revealed = here.contains(&SAMPLE) || here.contains(&REVEAL);
    match missing.first() {
        None => Ok(Vec::new()),
        Some(&file) if revealed => Err(Difference::of_file(file, revealed_without(file))),
        Some(&COMMITMENT) => Err(Difference::of_file(
            COMMITMENT,
            "missing; the commitment is published before anything else",
        )),
        Some(_) => Ok(missing),
    }
}

fn revealed_without(file: &str) -> String {
    match file {
        SAMPLE => format!("missing, while {REVEAL} is here; sample and reveal leave together"),
        REVEAL => format!("missing, while {SAMPLE} is here; sample and reveal leave together"),
        _ => "missing; a revealed draw has all five files".into(),
    }
}

/// What is said about files that are none of a draw's.
pub fn strangers(bundle: &Bundle) -> Vec<String> {
    let names = bundle.files.keys().filter(|name| !ALL.contains(&name.as_str()));
    names
        .map(|name| format!("`{}` is no file of a draw; not looked at", name.escape_debug()))
        .collect()
}
