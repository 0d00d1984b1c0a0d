//! The law of arrows: a folder of `src` imports only from folders below it, the engines and the
//! web framework are named where they belong, and what is pure stays pure.

#![allow(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test may panic"
)]

use std::path::{Path, PathBuf};

/// Each folder (or file) of `src` and what it may import besides itself. A folder that is not here
/// is a fault: somebody has to say where it stands.
const ARROWS: &[(&str, &[&str])] = &[
    ("error", &["domain"]),
    ("domain", &["error"]),
    ("sampling", &["domain"]),
    ("statistics", &["domain"]),
    ("store", &["domain", "error"]),
    ("flow", &["domain", "error", "sampling", "statistics", "store"]),
    ("app", &["domain", "error", "store", "flow"]),
    ("config", &["domain", "error", "store", "app"]),
    ("api", &["domain", "error", "sampling", "statistics", "store", "flow", "app", "config"]),
    (
        "web",
        &["domain", "error", "sampling", "statistics", "store", "flow", "app", "config", "api"],
    ),
    (
        "cli",
        &[
            "domain",
            "error",
            "sampling",
            "statistics",
            "store",
            "flow",
            "app",
            "config",
            "api",
            "web",
        ],
    ),
];

/// Names of libraries and the places, as beginnings of paths below `src`, that may say them.
const LIBRARIES: &[(&str, &[&str])] = &[
    ("diesel", &["store/"]),
    ("diesel_migrations", &["store/"]),
    ("r2d2", &["store/"]),
    ("actix_web", &["api/", "web/", "cli/serve.rs"]),
    ("utoipa_actix_web", &["api/", "web/"]),
    ("clap", &["cli/", "config.rs"]),
    ("rand", &["api/", "web/", "cli/", "config.rs"]),
];

/// What a pure folder never says: no clock, no chance, no world outside.
const IMPURE: &[&str] = &[
    "Utc",
    "Local",
    "SystemTime",
    "Instant",
    "rand",
    "fs",
    "env",
    "net",
    "process",
    "thread",
    "File",
    "stdin",
    "stdout",
    "stderr",
    "println",
    "eprintln",
    "tracing",
    "tokio",
];
const PURE: &[&str] = &["sampling/", "statistics/"];

/// One breach: where and what.
#[derive(Debug, PartialEq, Eq)]
struct Breach(String);

#[test]
fn every_import_points_downwards() {
    let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&source, &mut files);
    assert!(files.len() > 50, "the source is where it was");
    let breaches: Vec<Breach> = files
        .iter()
        .flat_map(|file| {
            let path = file.strip_prefix(&source).unwrap().to_string_lossy().replace('\\', "/");
            breaches(&path, &std::fs::read_to_string(file).unwrap())
        })
        .collect();
    let words: Vec<_> = breaches.iter().map(|breach| breach.0.as_str()).collect();
    assert!(words.is_empty(), "\n{}\n", words.join("\n"));
}

#[test]
fn a_planted_breach_is_found() {
    let found = |path: &str, text: &str| -> Vec<String> {
        breaches(path, text).into_iter().map(|breach| breach.0).collect()
    };
    let code =
        "//! crate::api in a comment\nuse crate::{\n    domain::id::{A, B},\n    store,\n};\n";
    assert_eq!(found("sampling/draw.rs", code), ["src/sampling/draw.rs:4: sampling names store"]);
    assert_eq!(
        found("store/keys.rs", "fn f() { $crate::flow::f(\"crate::api\") }"),
        ["src/store/keys.rs:1: store names flow"]
    );
    assert_eq!(
        found("flow/a/b.rs", "\nuse super::super::super::api::run;"),
        ["src/flow/a/b.rs:2: flow names api"]
    );
    assert_eq!(
        found("domain/id.rs", "pub(in crate::store) struct A;"),
        ["src/domain/id.rs:1: domain names store"]
    );
    assert_eq!(
        found("flow/a.rs", "/* diesel */\n#[derive(diesel::Queryable)] struct A(r#\"diesel\"#);"),
        ["src/flow/a.rs:2: diesel is named outside of store/"]
    );
    assert_eq!(
        found("cli/keys.rs", "use actix_web as web;"),
        ["src/cli/keys.rs:1: actix_web is named outside of api/ web/ cli/serve.rs"]
    );
    assert_eq!(
        found("statistics/beta.rs", "let a = '\"'; let t = Utc::today(); let b = '\"';"),
        ["src/statistics/beta.rs:1: statistics is pure and says Utc"]
    );
    assert_eq!(found("tools/a.rs", ""), ["src/tools/a.rs:1: tools stands nowhere in the order"]);
    assert_eq!(
        found("flow/a.rs", "use crate::store::Store; use super::draw; mod tests { use super::*; }"),
        [""; 0]
    );
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> =
        std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push(path);
        }
    }
}

/// Everything in one file that breaks the law; `path` is relative to `src`.
fn breaches(path: &str, text: &str) -> Vec<Breach> {
    let own = path.split('/').next().unwrap().trim_end_matches(".rs");
    if ["lib", "main"].contains(&own) {
        return Vec::new();
    }
    let code = bare(text);
    let breach = |at: usize, words: String| {
        Breach(format!("src/{path}:{}: {words}", code[..at].matches('\n').count() + 1))
    };
    let Some((_, below)) = ARROWS.iter().find(|(folder, _)| *folder == own) else {
        return vec![breach(0, format!("{own} stands nowhere in the order"))];
    };
    let mut breaches = Vec::new();
    for (at, named) in imports(path, &code) {
        if named != own && ARROWS.iter().any(|(f, _)| *f == named) && !below.contains(&named) {
            breaches.push(breach(at, format!("{own} names {named}")));
        }
    }
    for (at, word) in words(&code) {
        if let Some((_, places)) = LIBRARIES.iter().find(|(library, _)| *library == word)
            && !places.iter().any(|place| path.starts_with(place))
        {
            breaches.push(breach(at, format!("{word} is named outside of {}", places.join(" "))));
        }
        if IMPURE.contains(&word) && PURE.iter().any(|pure| path.starts_with(pure)) {
            breaches.push(breach(at, format!("{own} is pure and says {word}")));
        }
    }
    breaches
}

/// The top-level modules that a file names, with the place: after `crate::`, after as many `super::`
/// as lead out of its folder, each member of a group on its own.
fn imports<'a>(path: &str, code: &'a str) -> Vec<(usize, &'a str)> {
    let depth = path.trim_end_matches("/mod.rs").split('/').count();
    let out = "super::".repeat(depth);
    let mut found = Vec::new();
    for start in ["crate::", &out] {
        for (at, _) in code.match_indices(start) {
            heads(code, at + start.len(), &mut found);
        }
    }
    found
}

/// The first word of a path, or of every path of a group.
fn heads<'a>(code: &'a str, at: usize, found: &mut Vec<(usize, &'a str)>) {
    let rest = &code[at..];
    let mut push = |at: usize| {
        let word =
            words(&code[at..]).next().filter(|(gap, _)| code[at..at + gap].trim().is_empty());
        found.extend(word.map(|(gap, word)| (at + gap, word)));
    };
    if !rest.starts_with('{') {
        return push(at);
    }
    let mut open = 0;
    for (offset, sign) in rest.char_indices() {
        match sign {
            '{' => open += 1,
            '}' => open -= 1,
            _ => {}
        }
        match (open, sign) {
            (0, _) => return,
            (1, '{' | ',') => push(at + offset + 1),
            _ => {}
        }
    }
}

/// The words of a code, with their places.
fn words(code: &str) -> impl Iterator<Item = (usize, &str)> {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    code.split(move |c| !is_word(c))
        .filter(|word| !word.is_empty())
        .map(move |word| (word.as_ptr() as usize - code.as_ptr() as usize, word))
}

/// The code with comments and texts blanked, every byte and line in its place.
fn bare(text: &str) -> String {
    let bytes = text.as_bytes();
    let mut bare = Vec::with_capacity(bytes.len());
    while bare.len() < bytes.len() {
        let rest = &bytes[bare.len()..];
        let length = blank(rest);
        if length == 0 {
            bare.push(rest[0]);
        } else {
            bare.extend(rest[..length].iter().map(|b| if *b == b'\n' { b'\n' } else { b' ' }));
        }
    }
    String::from_utf8(bare).expect("whole characters are blanked or kept")
}

/// How many bytes from here on are a comment, a text or a character; 0 where there is code.
fn blank(rest: &[u8]) -> usize {
    let until = |end: &[u8], from: usize| {
        let tail = &rest[from.min(rest.len())..];
        let found = tail.windows(end.len()).position(|window| window == end);
        found.map_or(rest.len(), |at| from + at + end.len())
    };
    match rest {
        [b'/', b'/', ..] => until(b"\n", 0).saturating_sub(1).max(2),
        [b'/', b'*', ..] => until(b"*/", 2),
        [b'r', b'"', ..] => until(b"\"", 2),
        [b'r', b'#', b'"', ..] => until(b"\"#", 3),
        [b'"', ..] => {
            let mut at = 1;
            while at < rest.len() && rest[at] != b'"' {
                at += if rest[at] == b'\\' { 2 } else { 1 };
            }
            (at + 1).min(rest.len())
        }
        [b'\'', b'\\', _, ..] => until(b"'", 3),
        [b'\'', _, b'\'', ..] => 3,
        _ => 0,
    }
}
